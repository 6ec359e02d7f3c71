-- lines.lua - the trace of a lab says which line of the script sent a segment.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local equal = tap.equal

local made, why = try(lab, "client", "server")
if not made then
	print("1..0 # SKIP " .. why.message)
	os.exit(77)
end
lab("off")

-- A test in a lab of its own, with a connection.
local function test(name, fn)
	tap.test(name, function()
		local net = lab("client", "server")
		local l = net.server:listen(80)
		local c = net.client:connect("server:80")
		local ok, err = xpcall(fn, debug.traceback, c, l:accept(), net)
		lab("off")
		if not ok then error(err, 0) end
	end)
end

-- The line that stands beside the segment in the ladder; 0 when there is none.
local function beside(number)
	for row in ladder():gmatch("[^\n]+") do
		if row:find("#" .. number .. " ", 1, true) then
			return tonumber(row:match("line (%d+)$") or 0)
		end
	end
end

local function here()
	return debug.getinfo(2, "l").currentline
end

test("each segment stands beside the line that sent it, an answer beside none", function(c, s)
	c:send("hello") local sent = here()
	local seg = check.seen { from = "client", data = "hello" }
	local ack = check.seen { from = "server", ack = 6 }
	s:recv(5)
	s:close() local closed = here()
	local fin = check.seen { from = "server", flags = { "has", "FIN" } }
	equal(beside(seg.number), sent)
	equal(beside(ack.number), 0)
	equal(beside(fin.number), closed)
end)

test("what runs before the wire is read takes no line from the one that sent", function(c, s)
	s:close() local closed = here()
	c:send("late")
	c:shutdown()
	local fin = check.seen { from = "server", flags = { "has", "FIN" } }
	equal(beside(fin.number), closed)
end)

test("two sends in a row are told apart", function(c)
	c:option("nodelay", true)
	c:send("a") local first = here()
	c:send("b") local second = here()
	equal(beside(check.seen({ data = "a" }).number), first)
	equal(beside(check.seen({ data = "b" }).number), second)
end)

test("a command that another one's segment carried away is not that of a later one", function(c)
	c:option("cork", true)
	c:send("a") local first = here()
	c:send("b")
	c:option("cork", false)
	equal(beside(check.seen({ data = "ab" }).number), first)
	c:send("c") local third = here()
	equal(beside(check.seen({ data = "c" }).number), third)
end)

test("a function called from a module inside the program has the line of the script", function(c)
	local ok = pcall(check.within, 1, function() return c:send("x") end) local line = here()
	equal(ok, true)
	equal(beside(check.seen({ data = "x" }).number), line)
end)

test("a close says in the trace how many bytes were unread", function(c, s)
	c:send("hello")
	check.within(1, function() return s:state({ full = true }).recvq == 5 end)
	s:close()
	c:close()
	local texts = {}
	for _, e in ipairs(trace { events = true }) do
		if e.event == "command" and e.text:find("^close") then
			texts[#texts + 1] = e.text
		end
	end
	equal(table.concat(texts, "; "), "close server.s1 with 5 bytes unread; close client.c1")
end)

test("a command that failed has sent nothing", function(c, s, net)
	s:abort()
	check.seen { flags = { "has", "RST" } }
	check.fails("ECONNRESET", c.send, c, "x")
	local d = net.client:connect("server:80")
	d:send("y") local line = here()
	equal(beside(check.seen({ data = "y" }).number), line)
end)

test("a command sends on its own socket only", function(c, _, net)
	local d = net.client:connect("server:80")
	c:shutdown() local first = here()
	check.seen { from_address = c.local_address, flags = { "has", "FIN" } }
	c:close()
	d:shutdown() local second = here()
	local function fin(sock)
		return check.seen({ from_address = sock.local_address, flags = { "has", "FIN" } }).number
	end
	equal(beside(fin(c)), first)
	equal(beside(fin(d)), second)
end)

test("an injected segment stands beside its line", function()
	inject("S 0:0(0) win 1000", { from = "10.77.0.9:99", to = "server:80" }) local line = here()
	equal(beside(check.seen({ injected = true }).number), line)
end)

tap.test("a socket outside of the lab leaves nothing in its trace", function()
	lab("client", "server")
	local c, s = tap.pair()
	c:send("x")
	c:close()
	s:abort()
	equal(#trace { events = true }, 0)
	lab("off")
end)

tap.done()
