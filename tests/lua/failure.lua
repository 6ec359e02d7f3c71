-- failure.lua - the record of a failure, and the report that is made of it.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local equal, matches = tap.equal, tap.matches
local failure = require("tcpstep.failure")

local made, missing = try(lab, "client", "server")
if not made then
	print("1..0 # SKIP " .. missing.message)
	os.exit(77)
end
lab("off")

local function write(name, text)
	local f = assert(io.open(name, "w"))
	f:write(text)
	f:close()
end

-- Runs a text as the script NAME, in a lab; the record of its failure, made while all is alive.
local function record(name, text, options)
	write(name, text)
	local r
	local ok = xpcall(assert(loadfile(name)), function(err)
		options = options or {}
		options.thread = options.thread and coroutine.running()
		r = failure.describe(err, options)
	end)
	try(lab, "off")
	equal(ok, false, "the script did not fail")
	return r
end

local LINES = [[
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:send("hello")
check.within(1, function() return s:state({ full = true }).recvq == 5 end)
s:close()                 -- the server is done
]]

-- What the lines of a record or report have of digits that differ from run to run.
local function masked(text)
	return (text:gsub("10%.77%.0%.1:%d+ *", "CLIENT "))
end

tap.test("a record has file, line, source, both sides, why, try, ladder, states and the capture", function()
	local r = record("clean_close.lua", LINES .. "check.eof(c)\nprint(1)\n",
		{ dir = ".", name = "clean_close", thread = true })
	equal(r.file, "clean_close.lua") equal(r.line, 8)
	equal(r.message, "client.c1: expected end of stream, got ECONNRESET")
	equal(r.code, "ECONNRESET") equal(r.op, "check.eof")
	equal(r.source, [[
   6 | check.within(1, function() return s:state({ full = true }).recvq == 5 end)
   7 | s:close()                 -- the server is done
>  8 | check.eof(c)]])
	equal(r.expected, "FIN from the server (recv gives nil)")
	equal(r.got, "RST from the server (recv raises ECONNRESET)")
	matches(r.why, '^server.s1 was closed with 5 unread bytes %("hello"%)%. .* %(RFC 1122, 4.2.2.13%)%.$')
	equal(r.try, "read before you close: s:recv()")
	equal(r.earlier, 3)
	matches(r.ladder, "#4 PSH,ACK .*line 5\n.*#6 RST,ACK .*line 7\n$")
	equal(r.ladder:find("#3", 1, true), nil)
	equal(r.states, [[
name       state   recvq  sendq  last error
client.c1  CLOSED      0      0  ECONNRESET
server.l1  LISTEN  0/128      -  -
server.s1  CLOSED      -      -  -]])
	equal(r.kept, "clean_close.pcapng")
	for key, value in pairs(r) do
		equal(type(value) == "string" or math.type(value) == "integer", true, key)
	end
end)

tap.test("the seed of the wire's dice is in the record and the report, when it had some", function()
	equal(record("no_seed.lua", LINES .. "check.eof(c)\n").seed, nil)
	local r = record("seed.lua", LINES:gsub("^.-\n", "%0wire{delay = '1ms'}\n") .. "check.eof(c)\n")
	equal(math.type(r.seed), "integer")
	matches(failure.text(r), ("\n   seed      %d  %%(wire{..., seed = %d} rolls the same dice%%)\n")
		:format(r.seed, r.seed))
end)

tap.test("the capture that is kept can be loaded", function()
	record("kept.lua", LINES .. "check.eof(c)\n", { dir = ".", name = "kept" })
	equal(_G.here:load("kept.pcapng"), 6)
	equal(show(6).flags, "RST,ACK")
end)

tap.test("a capture that cannot be saved is told in its place", function()
	local r = record("nowhere.lua", LINES .. "check.eof(c)\n", { dir = "there/is/none", name = "x" })
	matches(r.kept, "^nothing: .*there/is/none")
end)

tap.test("verbose, the ladder begins at the first segment", function()
	local r = record("verbose.lua", LINES .. "check.eof(c)\n", { verbose = true })
	equal(r.earlier, 0)
	matches(r.ladder, "#1 SYN")
	equal(failure.text(r):find("earlier", 1, true), nil)
end)

tap.test("the table of states is no older than the ladder", function()
	local r = record("close.lua", [[
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:send("hello")
s:recv()
c:close()
check.equal(c:state(), "TIME_WAIT")
]])
	matches(r.ladder, "CLOSE_WAIT\n")
	matches(r.states, "server.s1  CLOSE_WAIT ")
end)

tap.test("of a long ladder the end is shown", function()
	local r = record("long.lua", [[
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
for i = 1, 20 do
	c:send("x") check.equal(s:recv(), "x")
end
check.state(c, "CLOSED", 0.01)
]])
	local last = tonumber(r.ladder:match(".*#(%d+)"))
	equal(last > 20, true)
	equal(r.earlier, last - 8)
	equal(select(2, r.ladder:gsub("#%d+", "")), 8)
end)

tap.test("the ladder is that of the connection that the failure is about", function()
	local r = record("two.lua", [[
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local d = net.client:connect("server:80")
d:send("not this") check.equal(l:accept().port, 80) check.equal(l:accept():recv(), "not this")
c:send("this")
check.state(c, "CLOSED", 0.01)
]])
	matches(r.ladder, '"this"')
	equal(r.ladder:find("not this", 1, true), nil)
	equal(r.earlier, 3)
end)

tap.test("both sides of an unequal value are told as Lua has them, of tables only the differences", function()
	local r = record("equal.lua", 'check.equal("a\\0", 7)\n')
	equal(r.expected, "7") equal(r.got, '"a\\x00"')
	r = record("tables.lua", 'check.equal({1}, {2})\n')
	equal(r.expected, nil) equal(r.got, nil)
	equal(r.message, "[1]: got 1, expected 2")
end)

tap.test("sides that look alike as far as they are shown are left out: the message says where they differ", function()
	local r = record("alike.lua", 'check.equal(("x"):rep(100) .. "a", ("x"):rep(100) .. "b")\n')
	equal(r.expected, nil) equal(r.got, nil)
	matches(r.message, "^byte 101: ")
end)

tap.test("a trace of thousands of segments is described by its end", function()
	local r = record("flood.lua", [[
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
local t = spawn(send, c, ("x"):rep(4000000))
check.equal(#s:recv("exactly", 4000000), 4000000)
check.equal(wait(t), 4000000)
check(false, "enough")
]])
	equal(r.message, "enough")
	equal(r.earlier > 1000, true, r.earlier)
	for number in r.ladder:gmatch("#(%d+) %u") do
		equal(tonumber(number) > r.earlier and tonumber(number) <= r.earlier + 8, true, r.ladder)
	end
	matches(r.ladder, "#" .. r.earlier + 8 .. " ")
end)

tap.test("without a lab there is neither ladder nor capture", function()
	local r = record("plain.lua", 'local l <close> = listen("127.0.0.1:0")\ncheck.state(l, "CLOSED", 0.01)\n',
		{ dir = ".", name = "plain" })
	equal(r.ladder, nil) equal(r.kept, nil) equal(r.why, nil)
	matches(r.states, "\nl%d+ +LISTEN +0/128")
	local f = io.open("plain.pcapng")
	equal(f, nil)
end)

tap.test("an error of Lua's own has its place, and no sides", function()
	local r = record("own.lua", "local x\nx.y = 1\n")
	equal(r.code, "lua") equal(r.line, 2) equal(r.expected, nil)
	matches(r.message, "attempt to index a nil value")
end)

for name, value in pairs { ["nil"] = "nil", ["a table"] = "{}", ["a table that cannot be told"] =
	"setmetatable({}, {__tostring = error})", ["a table that cannot be read"] =
	"setmetatable({}, {__index = error})" } do
	tap.test("an error that is " .. name .. " makes a record, too", function()
		local r = record("odd.lua", "error(" .. value .. ")\n", { file = "odd.lua", line = 1 })
		equal(r.file, "odd.lua") equal(type(failure.text(r, 1)), "string")
	end)
end

tap.test("a script that has replaced globals is described all the same", function()
	local r = record("vandal.lua", LINES .. [[
local kept = { pairs, state, trace, ladder }
pairs, state, trace, ladder = nil, nil, nil, nil -- luacheck: ignore
local ok, err = pcall(check.eof, c)
pairs, state, trace, ladder = table.unpack(kept) -- luacheck: ignore
error(err, 0)
]])
	matches(r.why, "^server.s1 was closed")
end)

tap.test("the report reads like this", function()
	local r = record("clean_close.lua", LINES .. "check.eof(c)              -- so the client should read end of stream\n",
		{ dir = ".", name = "clean_close", thread = true })
	r.name, r.again, r.debug = "clean_close.lua", "tcpstep test clean_close.lua", "tcpstep test --stop clean_close.lua"
	equal(masked(failure.text(r, 1)), [[
1) clean_close.lua:8
   client.c1: expected end of stream, got ECONNRESET

      6 | check.within(1, function() return s:state({ full = true }).recvq =..
      7 | s:close()                 -- the server is done
   >  8 | check.eof(c)              -- so the client should read end of stream

   expected  FIN from the server (recv gives nil)
   got       RST from the server (recv raises ECONNRESET)

   why       server.s1 was closed with 5 unread bytes ("hello"). TCP then
             sends RST instead of FIN, to say that data was lost (RFC 1122,
             4.2.2.13).
   try       read before you close: s:recv()

   client CLIENT server 10.77.0.2:80
   ESTABLISHED  |--- #4 PSH,ACK s=1 len=5 "hello" ->|  ESTABLISHED   line 5
                |<-------------------- #5 ACK a=6 --|
   CLOSED       |<------------ #6 RST,ACK s=1 a=6 --|       CLOSED   line 7
                                                            (3 earlier: -v)

   name       state   recvq  sendq  last error
   client.c1  CLOSED      0      0  ECONNRESET
   server.l1  LISTEN  0/128      -  -
   server.s1  CLOSED      -      -  -

   kept      clean_close.pcapng
   again     tcpstep test clean_close.lua
   debug     tcpstep test --stop clean_close.lua  (prompt at line 8)
]])
end)

tap.test("a report of what little is known has no empty parts", function()
	equal(failure.text { file = "x.lua", line = 3, message = "it failed", hint = "do not" },
		"x.lua:3\n   it failed\n\n   try       do not\n")
	equal(failure.text({ message = "it failed" }, 12), "12) ?\n   it failed\n")
end)

tap.test("a named test's claim stands below the place", function()
	equal(failure.text({ file = "a.lua", line = 3, name = "a.lua: a SYN is answered", message = "m" }, 2),
		"2) a.lua:3\n   a SYN is answered\n   m\n")
end)

tap.test("no line is wider than 78 columns, Chinese and bytes that are no text included", function()
	local wide = ("客户端发送了一个报文段"):rep(20)
	local text = failure.text({ file = wide .. ".lua", line = 1, message = wide .. " " .. ("x"):rep(200),
		name = wide .. ".lua: " .. wide, source = "> 1 | -- " .. wide .. "\n  2 | \27[31m\xff" .. wide,
		expected = wide, got = ("word "):rep(100), why = wide, try = wide, states = wide,
		again = "tcpstep test " .. ("d/"):rep(20) .. "x.lua" }, 1)
	for line in text:gmatch("[^\n]+") do
		local columns = 0
		for _, c in utf8.codes(line) do columns = columns + (c > 0x2e80 and 2 or 1) end
		equal(columns <= 78, true, line)
	end
	equal(text:find("\27", 1, true), nil)
end)

tap.test("a message's long words, and text without blanks, go on in the next line: nothing of them is lost", function()
	local path, sentence = ("directory/"):rep(20), ("客户端发送了一个报文段"):rep(20)
	for _, columns in ipairs { 58, 78 } do
		local text = failure.text({ file = "a.lua", line = 1, name = "a.lua: " .. sentence, message = "  open " .. path
			.. "\n" .. sentence, got = sentence }, 1, columns)
		local words = text:gsub("[ \n]", "")
		equal(select(2, words:gsub(path, "")), 1)
		equal(select(2, words:gsub(sentence, "")), 3)
		for line in text:gmatch("[^\n]+") do
			local wide = 0
			for _, c in utf8.codes(line) do wide = wide + (c > 0x2e80 and 2 or 1) end
			equal(wide <= columns, true, line)
		end
	end
end)

tap.test("commands and names of files are never cut", function()
	local path = ("directory/"):rep(12) .. "x"
	local text = failure.text { message = "m", line = 7, again = "tcpstep test " .. path,
		debug = "tcpstep test --stop " .. path, kept = path .. ".pcapng" }
	matches(text, "\n   kept      " .. path .. "%.pcapng\n   again     tcpstep test " .. path
		.. "\n   debug     tcpstep test %-%-stop " .. path .. "\n             %(prompt at line 7%)\n$")
end)

tap.test("a failed check in a plain script is told with its reason", function()
	write("short.lua", LINES .. "check.eof(c)\n")
	local f = io.popen(("'%s' short.lua 2>&1"):format(os.getenv("TCPSTEP")))
	local said = f:read("a")
	local _, _, status = f:close()
	equal(status, 1)
	equal(said, [[
error: short.lua:8: client.c1: expected end of stream, got ECONNRESET
       server.s1 was closed with 5 unread bytes ("hello"). TCP then sends RST
       instead of FIN, to say that data was lost (RFC 1122, 4.2.2.13).
       Try: read before you close: server.s1:recv()
]])
end)

tap.done()
