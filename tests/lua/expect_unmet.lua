-- expect_unmet.lua - what cannot come fails at once; what may still come is waited for.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local peer = dofile(os.getenv("TOP") .. "/tests/lua/_peer.lua")
local test, equal, raises, matches = tap.test, tap.equal, tap.raises, tap.matches
local net = lab("client", "server")
local l = net.server:listen(80)

-- Fails as unmet: with a timeout that no test lives to see.
local function unmet(text, options)
	options = options or {}
	options.timeout = 1000
	return raises("unmet", expect, text, options)
end

test("a SYN,ACK that came otherwise is told with its difference, although its timer runs", function()
	local p = peer.new()
	local n = p.sends("S 0:0(0) win 65535 <mss 1460>")
	matches(unmet("server S. ack 5").message, "^expect: ack: expected 5, got 1; #" .. n + 1)
	matches(unmet("server R.").message, "flags: expected RST,ACK, got SYN,ACK")
	matches(unmet("server S. <mss 1000>").message, "mss: expected 1000, got 1460")
	-- And none of them took it.
	p.gets("S. 0:0(0) ack 1")
	p.sends("R 1:1(0)") -- so that it is not sent again in the tests below
end)

test("the same SYN,ACK, sent again by its timer, is waited for", function()
	local p = peer.new()
	p.sends("S 0:0(0) win 65535 <mss 1460>")
	local first = p.gets("S. 0:0(0) ack 1").number
	equal(p.gets("S. 0:0(0) ack 1").again, first)
	p.sends("R 1:1(0)")
end)

test("data of another length, and a FIN that nobody sends, are not waited for", function()
	local p, s = peer.connected(l)
	s:send("hello")
	matches(unmet("server P. 1:4(3)").message, "len: expected 3, got 5")
	matches(unmet("server F.").message, "flags: expected FIN,ACK, got PSH,ACK")
	p.gets("P. 1:6(5)")
	s:abort()
end)

test("two small segments that are sent again may come joined, and are waited for", function()
	local p, s = peer.connected(l)
	s:option("nodelay", true)
	s:send("ab")
	s:send("cd")
	p.gets("P. 1:3(2)")
	local second = p.gets("P. 3:5(2)").number
	local joined = expect("server", { seq = 1, after = second })
	equal(joined.len == 2 or joined.len == 4, true)
	s:abort()
end)

test("a delayed ACK is waited for", function()
	local p, s = peer.connected(l)
	for i = 1, 40 do -- beyond the quick ACKs of a new connection
		p.sends((". %d:%d(1) ack 1 \"x\""):format(i, i + 1))
	end
	p.gets(". ack 41")
	s:abort()
end)

test("a lost SYN's retransmission is waited for, a second after it", function()
	wire("from", "client", { loss = "100%" })
	local t = spawn(try, net.client.connect, net.client, "server:81", { timeout = 5 })
	expect("client S")
	wire("off")
	local seg = expect("client S")
	equal(seg.again ~= nil, true)
	wait(t)
end)

test("a zero window's probe is waited for", function()
	local p, s = peer.connected(l)
	p.sends(". 1:1(0) ack 1 win 0")
	s:send("hello")
	p.gets(". 0:0(0) ack 1")
	s:abort()
end)

test("while another task can act, the timeout decides", function()
	local t = spawn(function()
		sleep(1.2)
		return inject("S 0:0(0)", { from = "10.77.0.9:9000", to = "server:80" })
	end)
	local seg = expect("S.", { from = "server:80", to = "10.77.0.9:9000" })
	equal(seg.number, wait(t) + 1)
end)

test("what is delayed on the wire is waited for", function()
	wire { delay = "0.8" }
	inject("S 0:0(0)", { from = "10.77.0.9:9001", to = "server:80" })
	expect("", { from = "server:80", to = "10.77.0.9:9001", flags = "SYN,ACK" })
	wire("off")
end)

test("a held wire that nobody will step gives nothing", function()
	hold()
	local n = show().number
	inject("S 0:0(0)", { from = "10.77.0.9:9002", to = "server:80" })
	matches(unmet("S.", { from = "server:80", to = "10.77.0.9:9002", after = n }).message, "expect: ")
	drop()
	continue()
end)

test("a timeout that is shorter ends it as before", function()
	local p = peer.new()
	p.sends("S 0:0(0)")
	raises("timeout", expect, "server R.", { timeout = 0.05 })
end)

tap.done()
