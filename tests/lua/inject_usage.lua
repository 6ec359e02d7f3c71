-- inject_usage.lua - what inject and expect say of what they cannot do.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, matches = tap.test, tap.equal, tap.raises, tap.matches

local function says(pattern, fn, ...)
	matches(raises("usage", fn, ...).message, pattern)
end

test("without a lab there is no wire", function()
	says("^inject: there is no lab$", inject, "S", { from = "10.77.0.9:1", to = "server:80" })
	says("^expect: there is no lab$", expect, "S")
end)

local net = lab("client", "server")
net.server:listen(80)
local ghost = { from = "10.77.0.9:4000", to = "server:80" }

local function with(more)
	for k, v in pairs(ghost) do
		more[k] = more[k] or v
	end
	return more
end

test("a mistake in the notation is told with its place", function()
	says('^inject: segment, column 3, at "x"', inject, "S x", ghost)
	says("column 25, at .*the MSS, a number, is missing", inject, "S 0:0(0) win 65535 <mss x>", ghost)
	says("the length is 3 here and 5 before", inject, "S 0:5(3)", ghost)
	says("for the second time", inject, "S", with { flags = "S" })
	says("the payload is given for the second time", inject, 'S "a"', with { data = "b" })
end)

test("an address that cannot be is told with its reason", function()
	says('the lab has no host "sever"; did you mean "server"%?$', inject, "S", with { to = "sever:80" })
	says("the lab has no host \"localhost\"$", inject, "S", with { from = "localhost:80" })
	says("a segment's port is 1 to 65535$", inject, "S", with { from = "10.77.0.9:0" })
	says("65536", inject, "S", with { from = "10.77.0.9:65536" })
	says("the port is missing$", inject, "S", with { to = "server" })
	says("the address is missing$", inject, "S", with { to = "80" })
	says("both addresses must be IPv4", inject, "S", with { from = "[fd77::9]:5" })
	says("from whom is not said$", inject, "S", { to = "server:80" })
	says("to whom is not said$", inject, "S", { from = "10.77.0.9:5" })
	says("second time$", inject, "from 10.77.0.9:4 S", ghost)
end)

test("fields that cannot be are told by name", function()
	says("there are no flags", inject, "0:0(0)", ghost)
	says("seq must be a whole number from 0 to 4294967295", inject, "S", with { seq = -1 })
	says("window must be", inject, "S", with { window = 65536 })
	says("checksum is right, bad or a number", inject, "S", with { checksum = "wrong" })
	says("offset must be a whole number from 0 to 15", inject, "S", with { offset = 16 })
	says("options: mess is the name of none", inject, "S", with { options = { mess = 1 } })
	says("options: mss must be a whole number", inject, "S", with { options = { mss = "big" } })
	says("the MSS is at most 65535", inject, "S", with { options = { mss = 65536 } })
	says("did you mean \"window\"", inject, "S", with { windo = 1 })
end)

test("a payload that no packet has room for is refused, the longest is sent", function()
	says("room for 65495", inject, ".", with { data = ("x"):rep(65496) })
	says("longer than a packet", inject, ".", with { data = ("x"):rep(65536) })
	equal(show(inject(".", with { data = ("x"):rep(1460) })).len, 1460)
end)

test("nothing of all that is in the trace", function()
	equal(show(1).len, 1460)
end)

test("a timeout says how the nearest segment differs", function()
	local n = inject(". 1:1(0) ack 1", with { from = "10.77.0.9:4001" })
	local err = raises("timeout", expect, "S. ack 1",
		{ from = "server", to = "10.77.0.9:4001", timeout = 0.01 })
	matches(err.message, "flags: expected SYN,ACK, got RST; #" .. n + 1 ..
		" 10.77.0.2:80 %-> 10.77.0.9:4001$")
	err = raises("timeout", expect, "", { after = 1000, timeout = 0 })
	matches(err.message, "no host has sent a segment since #1000$")
end)

test("expect goes on when the segment comes, and each is found once", function()
	local t = spawn(function() return expect("server S.") end)
	sleep(0)
	local n = inject("from 10.77.0.9:4002 to server:80 S 0:0(0)")
	equal(wait(t).number, n + 1)
	raises("timeout", expect, "server S.", { timeout = 0 })
	equal(expect("server S.", { after = n }).number, n + 1)
end)

test("expect takes whatever is an address or NAME:PORT as the sender, with from or without", function()
	local after = inject("S 0:0(0)", { from = "10.77.0.9:4700", to = "server:80" })
	equal(expect("server:80", "S.", { after = after }).ack, 1)
	equal(expect("10.77.0.2:80", "S.", { after = after }).ack, 1)
	equal(expect("10.77.0.2 S. 0:0(0)", { after = after }).ack, 1)
	says('^expect: from "nohost:80": the lab has no host "nohost"', expect, "nohost:80", "S.")
	says('^expect: from "server:x"', expect, "server:x S.")
	says('^expect: from "sever": the lab has no host "sever"; did you mean "server"%?$', expect, "sever", "S.")
	says('^expect: segment, column 1, at "SX ack', expect, "SX", "ack 1")
	says('^expect: segment, column 1, at "nohost', expect, "nohost", "ack 1")
	local c = net.client:connect("server:80")
	equal(expect("client.c1", "S", { after = after }).from_address, c.local_address)
end)

test("a socket is an end of a segment, as its name is", function()
	local c = net.client:connect("server:80")
	inject("S 0:0(0)", { from = "10.77.0.9:4800", to = "server:80" })
	for _, from in ipairs { c, "client.c" .. c.name:match("%d+$") } do
		local n = inject("R. 1:1(0) ack 1", { from = from, to = "10.77.0.9:4800" })
		equal(show(n).from_address, c.local_address)
	end
	c:close()
	says("^inject: to must be text, not a table$", inject, "S", { from = c, to = {} })
end)

tap.done()
