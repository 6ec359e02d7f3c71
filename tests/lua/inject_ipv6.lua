-- inject_ipv6.lua - a peer by hand over IPv6: handshake, data, close, refusal, malformed headers.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises = tap.test, tap.equal, tap.raises

-- Some machines have IPv6 off.
local ok, net = pcall(lab, "client", "server", { ipv6 = true })
if not ok then
	print("1..0 # SKIP " .. tostring(net))
	return
end
local l = net.server:listen("[::]:80")
local port = 4000

-- A ghost at [fd77::9], and how it sends to the server and hears from it.
local function ghost()
	port = port + 1
	local me, server = "[fd77::9]:" .. port, "[fd77::2]:80"
	local function sends(text, more)
		more = more or {}
		more.from, more.to = me, server
		return inject(text, more)
	end
	local function gets(text)
		return expect(text, { from = server, to = me })
	end
	return sends, gets
end

local function connected()
	local sends, gets = ghost()
	sends("S 0:0(0) win 65535 <mss 1440>")
	gets("S. 0:0(0) ack 1")
	sends(". 1:1(0) ack 1")
	return sends, gets, l:accept()
end

test("the handshake over IPv6 is shown with its addresses, and its checksums are right", function()
	local sends, gets = ghost()
	local n = sends("S 0:0(0) win 65535 <mss 1440>")
	equal(show(n).from_address, "[fd77::9]:" .. port)
	equal(show(n).to_address, "[fd77::2]:80")
	equal(show(n).checksum_ok, true)
	equal(gets("S. 0:0(0) ack 1 <mss 1440>").checksum_ok, true)
	sends(". 1:1(0) ack 1")
	equal(l:accept():state(), "ESTABLISHED")
end)

test("data is read, acknowledged, answered, and the connection closed", function()
	local sends, gets, s = connected()
	sends('P. 1:6(5) ack 1 "hello"')
	gets(". ack 6")
	equal(s:recv(5), "hello")
	s:send("you too")
	gets('P. 1:8(7) ack 6 "you too"')
	sends("F. 6:6(0) ack 8")
	gets(". ack 7")
	s:close()
	gets("F. 8:8(0) ack 7")
	sends(". 7:7(0) ack 9")
end)

test("a port where nobody listens is refused", function()
	inject("S 0:0(0)", { from = "[fd77::9]:5000", to = "[fd77::2]:81" })
	expect("R. 0:0(0) ack 1", { from = "[fd77::2]:81", to = "[fd77::9]:5000" })
end)

test("a host's name means its IPv6 address where the other end is one", function()
	local n = inject("S 0:0(0)", { from = "[fd77::9]:5001", to = "server:80" })
	equal(show(n).to_address, "[fd77::2]:80")
	expect("S. ack 1", { from = "[fd77::2]:80", to = "[fd77::9]:5001" })
end)

test("a host or a listener that expect names means its IPv4 and its IPv6 address", function()
	local n = inject("from [fd77::9]:5002 to server:80 S 0:0(0)")
	equal(expect("server", "S.", { after = n }).from_address, "[fd77::2]:80")
	equal(expect("server:80", "S.", { after = n }).from_address, "[fd77::2]:80")
	equal(expect("S.", { from = "server.l1", after = n }).from_address, "[fd77::2]:80")
	local four = inject("from 10.77.0.9:5002 to server:80 S 0:0(0)")
	equal(expect("S.", { from = "server.l1", after = four }).from_address, "10.77.0.2:80")
	local err = raises("timeout", expect, "server", "S.", { after = n - 1, to = "client", timeout = 0 })
	tap.matches(err.message, "^expect: .*to: expected 10.77.0.1 or fd77::1, got ")
end)

test("what is injected from a host has the family of where it goes", function()
	local n = inject("from server:7 to [fd77::9]:5003 S 0:0(0)")
	equal(show(n).from_address, "[fd77::2]:7")
	equal(show(inject("from server:7 to client:8 S 0:0(0)")).from_address, "10.77.0.2:7")
end)

test("wrong lengths, offsets and checksums do no harm", function()
	for _, wrong in ipairs {
		{ iplen = 0 }, { iplen = 19 }, { iplen = 500 }, { offset = 15 }, { offset = 4 }, { cut = 10 },
		{ checksum = "bad" },
	} do
		local sends = ghost()
		sends("S 0:0(0)", wrong)
	end
	local sends, gets, s = connected()
	sends('P. 1:3(2) ack 1 "ok"')
	gets(". ack 3")
	equal(s:recv(2), "ok")
end)

test("an IPv4 address does not speak with an IPv6 one", function()
	raises("usage", inject, "S", { from = "10.77.0.9:5", to = "[fd77::2]:80" })
end)

tap.done()
