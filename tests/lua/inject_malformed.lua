-- inject_malformed.lua - segments that no TCP would send are named, shown, and do no harm.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local peer = dofile(os.getenv("TOP") .. "/tests/lua/_peer.lua")
local test, equal = tap.test, tap.equal
local net = lab("client", "server")
local l = net.server:listen(80)

-- The kernel works after it.
local function unharmed()
	local p, s = peer.connected(l)
	p.sends('P. 1:3(2) ack 1 "ok"')
	p.gets(". ack 3")
	equal(s:recv(2), "ok")
	s:abort()
end

test("a wrong checksum is marked, and the segment ignored", function()
	for _, sum in ipairs { "bad", "0x1234" } do
		local p = peer.new()
		local n = p.sends("S 0:0(0)", { checksum = sum })
		equal(show(n).checksum_ok, false)
		equal(show(n).fate, "delivered")
		p.gets_nothing(n)
	end
	unharmed()
end)

test("a data offset below the header, or beyond the packet, is named", function()
	for offset, fault in pairs { [0] = "below 5 words", [4] = "below 5 words", [15] = "beyond the end" } do
		local p = peer.new()
		local n = p.sends("S 0:0(0)", { offset = offset })
		tap.matches(show(n).fault, fault)
		p.gets_nothing(n)
	end
	unharmed()
end)

test("a header that is cut short at any byte is named", function()
	for cut = 0, 19 do
		local p = peer.new()
		local n = p.sends("S 0:0(0)", { cut = cut })
		equal(show(n).fault, "TCP header cut short")
		p.gets_nothing(n)
	end
	unharmed()
end)

test("an IP length that is too long is named, and the host drops the packet", function()
	local p = peer.new()
	local n = p.sends('S 0:0(0)', { iplen = 400 })
	tap.matches(show(n).fault, "packet shorter than its IP header says")
	p.gets_nothing(n)
	unharmed()
end)

test("an IP length that is too short ends the packet there: the rest is no payload", function()
	local p, s = peer.connected(l)
	local n = p.sends('P. 1:6(5) ack 1 "hello"', { iplen = 20 + 20 + 2 })
	equal(show(n).len, 2)
	equal(show(n).checksum_ok, true)
	p.gets(". ack 3")
	equal(s:recv(2), "he")
	unharmed()
end)

test("an IP length of nothing but the IP header, and of less, do no harm", function()
	for _, iplen in ipairs { 0, 1, 19, 20, 21, 39 } do
		peer.new().sends("S 0:0(0)", { iplen = iplen })
	end
	unharmed()
end)

test("options that are cut short are named", function()
	local p = peer.new()
	local n = p.sends("S 0:0(0) <mss 1460,sackOK,TS val 1 ecr 0>", { cut = 30 })
	tap.matches(show(n).fault, "beyond the end")
	p.gets_nothing(n)
	unharmed()
end)

test("flags that contradict each other, and none at all, do no harm", function()
	for _, flags in ipairs { "SFRPUEW", "SF", "SR", "none", "FPU" } do
		peer.new().sends("Flags [" .. flags .. "] 0:0(0)")
	end
	unharmed()
end)

test("SACK blocks of bytes that were never sent do no harm", function()
	local p, s = peer.connected(l)
	p.sends(". 1:1(0) ack 1 <sack 1000:2000 5:1 4294967295:0>")
	p.sends('P. 1:2(1) ack 1 "x"')
	p.gets(". ack 2")
	equal(s:recv(1), "x")
	unharmed()
end)

test("overlapping data of two tellings is read once, as it came first", function()
	local p, s = peer.connected(l)
	p.sends('. 3:7(4) ack 1 "CDEF"')
	p.sends('. 1:5(4) ack 1 "abcd"')
	p.gets(". ack 7")
	local got = s:recv(6)
	equal(got:lower(), "abcdef")
end)

tap.done()
