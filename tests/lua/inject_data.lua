-- inject_data.lua - data and its acknowledgments, by hand.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local peer = dofile(os.getenv("TOP") .. "/tests/lua/_peer.lua")
local test, equal = tap.test, tap.equal
local net = lab("client", "server")
local l = net.server:listen(80)

test("data is acknowledged and can be read; an answer is sent to the peer", function()
	local p, s = peer.connected(l)
	p.sends('P. 1:6(5) ack 1 "hello"')
	p.gets(". 1:1(0) ack 6")
	equal(s:recv(5), "hello")
	s:send("thank you !")
	equal(p.gets('P. 1:12(11) ack 6 "thank you !"').data, "thank you !")
	p.sends(". 6:6(0) ack 12")
	equal(s:state(), "ESTABLISHED")
end)

test("data behind a gap waits, and is acknowledged with what fills the gap", function()
	local p, s = peer.connected(l)
	p.sends(". 4:7(3) ack 1", { data = "def" })
	p.gets(". ack 1")
	p.sends(". 1:4(3) ack 1", { data = "abc" })
	p.gets(". ack 7")
	equal(s:recv(6), "abcdef")
end)

test("a SACK tells which bytes have come behind the gap", function()
	local p = peer.new()
	p.sends("S 0:0(0) win 65535 <mss 1460,sackOK>")
	p.gets("S. 0:0(0) ack 1 <sackOK>")
	p.sends(". 1:1(0) ack 1")
	local s = l:accept()
	p.sends('. 11:14(3) ack 1 "xyz"')
	p.gets(". ack 1 <sack 11:14>")
	s:close()
end)

test("an old duplicate is acknowledged again and read once", function()
	local p, s = peer.connected(l)
	p.sends('P. 1:6(5) ack 1 "hello"')
	p.gets(". ack 6")
	p.sends('P. 1:6(5) ack 1 "HELLO"')
	p.gets(". ack 6")
	p.sends('P. 6:7(1) ack 1 "!"')
	p.gets(". ack 7")
	equal(s:recv(6), "hello!")
end)

test("data beyond the window is not taken", function()
	local p, s = peer.connected(l)
	p.sends('. 10000001:10000004(3) ack 1 "abc"')
	p.gets(". 1:1(0) ack 1")
	equal(s:state(), "ESTABLISHED")
end)

test("data in a host's name is read as its own; the ACK storm that follows is stopped, with the reason", function()
	local c = net.client:connect("server:80")
	local s = l:accept()
	local before = inject("P. 1:5(4) ack 1", { from = c.local_address, to = s.local_address, data = "oops" })
	equal(s:recv(4), "oops")
	-- Each ACK is for the other end one of bytes that it has not sent, and is answered.
	while wire().running do
		sleep(0.001)
	end
	equal(#held() >= 1, true) -- or 2, where an ACK was delayed
	equal(held()[1].number - before < 200, true)
	local note = 0
	save("storm.json", { force = true })
	for line in io.lines("storm.json") do
		if line:find('"event":"note"', 1, true) and line:find("answer each other's ACK for ever", 1, true) then
			note = note + 1
		end
	end
	equal(note, 1)
	while #held() > 0 do
		drop()
	end
	continue()
	-- Nobody answers any more: the next word is again a question of the user's.
	local own = "port = " .. c.local_address:match("%d+$")
	local n = #trace(own)
	sleep(0.01)
	equal(#trace(own), n)
	c:abort()
	s:abort()
end)

tap.done()
