-- check.lua - `check`: what passes, what fails, and what a failure says.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, matches, pair = tap.test, tap.equal, tap.matches, tap.pair

-- The error of a check that must fail.
local function failure(f, ...)
	local ok, err = pcall(f, ...)
	equal(ok, false, "the check passed")
	equal(err.code, "check")
	return err
end

test("check is a global that need not be required, the same as require gives", function()
	equal(rawget(_G, "check"), nil)
	equal(check, require("tcpstep.check"))
end)

test("a true value passes and comes back", function()
	equal(check(7), 7)
	equal(check("x", "never said"), "x")
end)

test("nil and false fail, with the message given", function()
	matches(failure(check, nil), "check.lua:%d+: the value is nil$")
	matches(failure(check, false, "no such luck"), "no such luck$")
end)

test("a failure names the line of the script, also from a function that it called", function()
	local line = debug.getinfo(1, "l").currentline
	local err = failure(function() check.equal(1, 2) end)
	matches(err.where, "check.lua:" .. line + 1 .. "$")
	local function helper()
		local r = check.equal("a", "b")
		return r
	end
	matches(failure(helper).where, "check.lua:" .. line + 4 .. "$")
end)

test("a failure carries what was expected and what was got", function()
	local err = failure(check.equal, 1, 2)
	equal(err.op, "check.equal") equal(err.got, 1) equal(err.expected, 2)
	equal(err.message, "got 1, expected 2")
end)

test("equal tables, nested and circular ones too, pass", function()
	local a, b = { 1, { x = "y" } }, { 1, { x = "y" } }
	check.equal(a, b)
	a.self, b.self = a, a
	check.equal(a, b)
end)

test("tables that contain themselves, or are nested deeply, are compared to the end", function()
	local a, b = {}, {}
	a.self, b.self = a, b
	check.equal(a, b)
	b.self = { self = b, x = 1 }
	equal(failure(check.equal, a, b).message, "self.x: got nil, expected 1")
	local function nested(n, v) return n == 0 and v or { nested(n - 1, v) } end
	check.equal(nested(150, 1), nested(150, 1))
	equal(failure(check.equal, nested(30, 1), nested(30, 2)).message, ("[1]"):rep(30) .. ": got 1, expected 2")
	local shared, other = {}, {}
	for _ = 1, 60 do shared, other = { shared, shared }, { other, other } end
	check.equal(shared, other)
end)

test("of two tables only the differences are told, in order", function()
	local err = failure(check.equal, { 1, 2, a = { b = "x", c = 1 } }, { 1, 3, a = { b = "y", c = 1 }, d = true })
	equal(err.message, '[2]: got 2, expected 3\na.b: got "x", expected "y"\nd: got nil, expected true')
end)

test("thousands of differences are counted, not listed", function()
	local a, b = {}, {}
	for i = 1, 5000 do a[i], b[i] = i, -i end
	local err = failure(check.equal, a, b)
	matches(err, "4980 more differences")
end)

test("long texts are told from the first byte that differs, as hex and as text", function()
	local err = failure(check.equal, ("a"):rep(100) .. "\0x", ("a"):rep(100) .. "\nx")
	equal(err.message,
		'byte 101: got 00 78 "\\x00x", expected 0a 78 "\\nx" (102 bytes, expected 102)')
end)

test("short bytes that are no text are told as hex, too", function()
	equal(failure(check.equal, "\0\1", "\0\2").message,
		'byte 2: got 01 "\\x01", expected 02 "\\x02" (2 bytes, expected 2)')
	equal(failure(check.equal, "\0", "\0\2").message,
		'byte 2: got the end, expected 02 "\\x02" (1 byte, expected 2)')
	equal(failure(check.equal, "ab", "ac").message, 'got "ab", expected "ac"')
end)

test("text of any language is told as it is, and never cut inside a character", function()
	equal(failure(check.equal, "你好", "您好").message, 'got "你好", expected "您好"')
	equal(failure(check.equal, ("好"):rep(40) .. "吗", ("好"):rep(40) .. "呢").message,
		'byte 121: got e5 90 97 "吗", expected e5 91 a2 "呢" (123 bytes, expected 123)')
	matches(failure(check.equal, ("好"):rep(40), 1).message,
		'^got "' .. ("好"):rep(20) .. '" ... %(120 bytes%), expected 1$')
	matches(failure(check.equal, "a" .. ("好"):rep(40), 1).message, '^got "a' .. ("好"):rep(19) .. '" ... %(121 bytes%)')
	-- What would turn the line round, and bytes that are no text, are escaped.
	equal(failure(check.equal, "\u{202e}a", "b").message,
		'byte 1: got e2 80 ae 61 "\\xe2\\x80\\xaea", expected 62 "b" (4 bytes, expected 1)')
	equal(failure(check.equal, "\xe4\xbd", "x").message,
		'byte 1: got e4 bd "\\xe4\\xbd", expected 78 "x" (2 bytes, expected 1)')
end)

test("numbers and texts that look alike are not equal", function()
	failure(check.equal, 1, "1")
	check.equal(1, 1.0)
end)

test("check.fails gives the error, and fails on another one or none", function()
	matches(check.fails("ECONNREFUSED", connect, "127.0.0.1:1").message, "refused")
	matches(failure(check.fails, "EPIPE", connect, "127.0.0.1:1"), "EPIPE, got ECONNREFUSED")
	matches(failure(check.fails, "EPIPE", function() end), "got no error")
	matches(failure(check.fails, "EPIPE", error, "plain"), "got plain")
end)

test("check.within waits for what becomes true, and gives it", function()
	local n = 0
	equal(check.within(1, function() n = n + 1 return n == 3 and "now" end), "now")
	matches(failure(check.within, 0.01, function() end, "rain"), "rain: not within 0.01 s")
end)

test("check.within fails on what comes true too late, also when one look takes all the time", function()
	local began = os.time()
	local err = failure(check.within, 0.05, function() sleep(0.2) return true end)
	matches(err.message, "^not within 0.05 s: it took %d+%.?%d* s$")
	equal(err.got, "a true value after " .. err.message:match("took (.*)$"))
	equal(os.time() - began <= 5, true)
	check.within(0, function() return true end)
end)

test("check.within: a call without a timeout of its own waits no longer than there is time", function()
	local c, s = pair()
	local err = check.fails("timeout", check.within, 0.05, function() return c:recv() end)
	local ms = tonumber(err.message:match("not done within (%d+%.?%d*) ms"))
	equal(ms and ms <= 50, true, err.message)
	-- Those of others, and what comes behind, are not concerned; the inner limit is not the longer one.
	local t = spawn(function() return c:recv(1) end)
	check.fails("timeout", check.within, 0.05, function()
		check.within(5, function() return s:recv() end)
	end)
	s:send("l")
	equal(wait(t), "l")
	-- A call with a timeout of its own waits on.
	spawn(function() sleep(0.1) s:send("ate") end)
	matches(failure(check.within, 0.05, function() return c:recv(3, { timeout = 60 }) end).message,
		"^not within 0.05 s: it took ")
	spawn(function() sleep(0.1) s:send("x") end)
	equal(c:recv(), "x")
end)

test("seconds below none are a mistake, and a segment without wanted fields is any", function()
	local c = pair()
	for _, f in ipairs { check.eof, function(...) check.state(c, "CLOSED", select(2, ...)) end, function(_, n)
		check.held({}, n) end } do
		for _, n in ipairs { -1, 0 / 0, "1" } do
			matches(failure(f, c, n).message, "^seconds are expected, not ")
		end
	end
	local made = try(lab)
	if made then
		hold()
		matches(failure(check.held, {}, 0).message, "^any segment is not held; held are:\nnone$")
		lab("off")
	end
end)

test("check.state waits for a state that comes later", function()
	local c, s = pair()
	spawn(function() sleep(0.02) c:close() end)
	check.state(s, "CLOSE_WAIT")
	s:close()
	check.state(c, "TIME_WAIT")
	check.state(s, "CLOSED")
end)

test("check.state says what it got in place", function()
	local c, s = pair()
	equal(failure(check.state, c, "CLOSED", 0.01).message,
		c.name .. ": expected CLOSED, got ESTABLISHED")
	check.state(s, "ESTABLISHED")
end)

test("check.states wants all at one moment and names those that are not", function()
	local c, s = pair()
	check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
	local err = failure(check.states, { [c] = "ESTABLISHED", [s] = "LAST_ACK" }, 0.01)
	equal(err.message, s.name .. ": expected LAST_ACK, got ESTABLISHED")
end)

test("check.waiting wants the connections before accept, all of them and no other", function()
	local l <close> = listen("127.0.0.1:0")
	check.waiting(l)
	local c = connect(l.port)
	check.waiting(l, "ESTABLISHED")
	check.limit = 0.01
	matches(failure(check.waiting, l), "expected to wait: none; got: ESTABLISHED")
	check.limit = 1
	accept(l):close()
	check.waiting(l)
	c:close()
end)

test("check.eof passes at the end of stream only", function()
	local c, s = pair()
	matches(failure(check.eof, s, 0.01), "expected end of stream, got timeout")
	c:send("hi")
	matches(failure(check.eof, s), 'got "hi"')
	c:shutdown()
	check.eof(s)
	check.eof(s)
	s:abort()
	matches(failure(check.eof, c), "got ECONNRESET")
end)

test("check.segment compares the fields that are asked for, flags in any order", function()
	local seg = { number = 4, flags = "SYN,ACK", ack = 1, len = 0, options = { mss = 1460, wscale = 7 } }
	equal(check.segment(seg, { flags = "ACK,SYN", ack = 1, options = { mss = 1460 } }), seg)
	check.segment(seg, { len = function(n) return n < 5 end })
	equal(failure(check.segment, seg, { flags = "SYN", ack = 2, len = 0 }).message,
		'#4: ack: got 1, expected 2\nflags: got "SYN,ACK", expected "SYN"')
	matches(failure(check.segment, seg, { options = { mss = 536 } }), "options: got {mss = 1460")
	matches(failure(check.segment, seg, { nothing = 1 }), 'no field "nothing"')
end)

-- In a lab of its own: a connection, and what is in it.
local function in_lab(claim, f)
	test(claim, function()
		local net = lab("client", "server")
		local l = net.server:listen(80)
		local c = net.client:connect("server:80")
		local ok, err = xpcall(f, debug.traceback, c, l:accept(), net, l)
		lab("off")
		if not ok then error(err, 0) end
	end)
end

in_lab("check.segment takes what show, held and trace give, and numbers", function()
	equal(check.segment(2, { flags = "SYN,ACK", ack = 1, sport = 80 }).number, 2)
	check.segment(trace()[1], { flags = "SYN", ack = 0, options = { mss = 1460 } })
	local err = failure(check.segment, 2, { flags = "SYN" })
	equal(err.message, '#2: flags: got "SYN,ACK", expected "SYN"')
	matches(err.got, "^#2 SYN,ACK server %-> client seq=0 ack=1 len=0 delivered$")
end)

in_lab("check.sequence finds segments in order, others between them", function(c, s)
	c:send("hello")
	s:recv(5)
	c:close()
	local found = check.sequence { { flags = "SYN" }, { data = "hello" }, { flags = { "has", "FIN" } } }
	equal(#found, 3)
	equal(found[1].number, 1)
	equal(found[2].data, "hello")
	local err = failure(check.sequence, { { data = "hello" }, { flags = "SYN" } }, 0.01)
	matches(err.message, '^flags = "SYN" did not come:\n  #4   data = "hello"\n  %-    flags = "SYN"\nthere were:\n#1 SYN')
	equal(err.expected, 'flags = "SYN"')
end)

in_lab("check.sequence waits for what has not come yet", function(c)
	spawn(function() sleep(0.02) c:send("late") end)
	equal(check.sequence({ { flags = "ACK" }, { data = "late" } })[2].data, "late")
end)

in_lab("check.sequence exact wants no others before or between, and looks at none behind", function(c)
	c:send("hello")
	check.seen { data = "hello" }
	check.sequence { exact = true, { flags = "SYN" }, { flags = "SYN,ACK" } }
	check.sequence { exact = true, after = 1, { flags = "SYN,ACK" }, { flags = "ACK" } }
	local err = failure(check.sequence, { exact = true, { flags = "SYN" }, { data = "hello" } }, 5)
	matches(err.message, '^#2 came where data = "hello" should be:')
	matches(err.got, "^#2 SYN,ACK")
	failure(check.sequence, { exact = true, { flags = "SYN,ACK" } })
	matches(failure(check.sequence, { { flg = "SYN" } }), 'no field "flg"')
end)

in_lab("check.never looks at all that was on the wire", function(c, s)
	check.never("RST")
	check.never { flags = { "has", "FIN" } }
	check.never("state server = CLOSE_WAIT")
	c:shutdown()
	check.eof(s)
	local err = failure(check.never, "FIN from client")
	matches(err.message, "^FIN from client was on the wire: #4 FIN,ACK client %-> server")
	equal(err.expected, "never FIN from client")
	check.never("FIN from server")
	matches(failure(check.never, { flags = "FIN,ACK", from = "client" }), 'flags = "FIN,ACK", from = "client" was')
	matches(failure(check.never, "state client = FIN_WAIT_1"), "was on the wire: #[45]")
	check.never(function(seg) return seg.len > 0 end)
	matches(failure(check.never, function(seg) return seg.flags == "SYN" end), "was on the wire: #1 SYN")
	equal(check.fails("usage", check.never, "FNI").code, "usage")
end)

in_lab("check.never with seconds watches on for that long", function(c)
	spawn(function() sleep(0.02) c:abort() end)
	matches(failure(check.never, "RST", 5), "^[^:]*:%d+: RST was on the wire")
end)

in_lab("check.trail wants the last states, up to the one of now", function(c, s)
	check.trail(c, "CLOSED -> SYN_SENT -> ESTABLISHED")
	check.trail(s, { "SYN_RCVD", "ESTABLISHED" })
	c:close()
	check.trail(c, "ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2")
	spawn(function() sleep(0.02) s:close() end)
	check.trail(c, "FIN_WAIT_2 -> TIME_WAIT")
	local err = failure(check.trail, c, "FIN_WAIT_1 -> TIME_WAIT", 0.01)
	equal(err.message, "client.c1: expected FIN_WAIT_1 -> TIME_WAIT, got "
		.. "CLOSED -> SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2 -> TIME_WAIT")
	failure(check.trail, c, "WAIT", 0.01)
	failure(check.trail, c, "ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2", 0.01)
end)

in_lab("check.eof says what stood on the wire in place of the FIN", function(c, s)
	local err = failure(check.eof, c, 0.01)
	equal(err.got, "nothing for 0.01 s") equal(err.expected, "FIN from the server (recv gives nil)")
	equal(err.cause, "timeout") equal(err.socket, "client.c1")
	s:send("hello")
	equal(failure(check.eof, c).got, '5 bytes "hello"')
	s:abort()
	err = failure(check.eof, c)
	equal(err.message, "client.c1: expected end of stream, got ECONNRESET")
	equal(err.got, "RST from the server (recv raises ECONNRESET)")
end)

local function output(words)
	local f = io.popen(("'%s' %s"):format(os.getenv("TCPSTEP"), words))
	local text = f:read("a")
	f:close()
	return text
end

test("help check and the Lua language server know each function, and no other", function()
	local help, meta = output("-e 'help check'"), output("--generate lua-meta")
	for name, f in pairs(check) do
		equal(help:find("check." .. name, 1, true) ~= nil, true, name)
		if type(f) == "function" then
			matches(meta, "function check%." .. name .. "%([%l, ]*%.?%.?%.?%) end")
		end
	end
	for name in meta:gmatch("function check%.(%a+)") do
		equal(type(check[name]), "function", name)
	end
end)

test("what is no socket is named", function()
	matches(failure(check.state, nil, "CLOSED"), "check.lua:%d+: a socket is expected, got nil")
	matches(failure(check.states, { c1 = "CLOSED" }), 'a socket is expected, got "c1"')
	matches(failure(check.eof, 5), "a socket is expected, got 5")
	matches(failure(check.waiting, {}), "a socket is expected, got {}")
end)

in_lab("misspelt values of fields are told, though nothing of the kind was on the wire", function()
	for _, want in ipairs {
		{ flags = "RTS" }, { flags = { "has", "RST" }, from = "clinet" }, { len = { ">=", "0" } }, { fate = "droped" },
		{ options = { msss = { ">", 0 } } },
	} do
		equal(failure(check.never, want).misuse, true)
		equal(failure(check.seen, want, 0, 0.01).misuse, true)
	end
	check.never { flags = { "has", "RST" }, from = "-" }
	matches(failure(check.never, { from = "clinet" }).message, "there are %- client server$")
end)

in_lab("what checks nothing is told: empty tables, missing arguments, options that there are not", function(c)
	matches(failure(check.sequence, { exactt = true, { flags = "SYN" } }).message,
		'a sequence has no "exactt"; there are exact and after')
	matches(failure(check.sequence, { after = "1", { flags = "SYN" } }).message, "after: a number of a segment")
	matches(failure(check.sequence, { exact = 1, { flags = "SYN" } }).message, "exact: true or false")
	matches(failure(check.states, {}).message, "a table is expected: check.states{")
	matches(failure(check.segment, 2, {}).message, "no field is wanted")
	matches(failure(check.waiting, c).message, "a listener is expected, and client.c1 is none")
	matches(failure(check.equal).message, "two values are expected, got 0")
	matches(failure(check.equal, 1).message, "two values are expected, got 1")
	check.equal(nil, nil)
end)

test("a state that there is not is named, with the one that was meant", function()
	local c, s = pair()
	local err = failure(check.state, c, "FIN_WAIT")
	matches(err.message, 'there is no state "FIN_WAIT"')
	matches(err.hint, "FIN_WAIT_[12]")
	matches(failure(check.state, c, 5).message, "there is no state 5")
	matches(failure(check.states, { [s] = "SHUT" }).message, 'there is no state "SHUT"')
	matches(failure(check.trail, c, "ESTABLISHED -> FOO").message, 'there is no state "FOO"')
	matches(failure(check.trail, c, "").message, "states are expected")
	local l <close> = listen("127.0.0.1:0")
	matches(failure(check.waiting, l, "SYN_RECEIVE").message, 'there is no state "SYN_RECEIVE"')
	check.state(c, "established")
end)

test("arguments of another kind are named, never a line of the program's own", function()
	local c = pair()
	matches(failure(check.within, print, 1).message, "seconds and a function are expected")
	matches(failure(check.state, c, "CLOSED", "soon").message, 'seconds are expected, not "soon"')
	matches(failure(check.eof, c, {}).message, "seconds are expected, not {}")
	matches(failure(check.states, "CLOSED").message, "a table is expected")
	matches(failure(check.sequence, "SYN").message, "a list is expected")
	matches(failure(check.seen, { flags = "FIN" }, 0.5).message, "the number of a segment is expected before")
	matches(failure(check.segment, nil, { len = 0 }).message, "a segment or its number is expected, not nil")
	matches(failure(check.never, "RST", "soon").message, "seconds are expected")
end)

test("a message that is no text is told as Lua has it", function()
	equal(failure(check, false, { 1 }).message, "{[1] = 1}")
	equal(failure(check, nil, 7).message, "7")
	equal(failure(check.equal, 1, 2, {}).message, "{}: got 1, expected 2")
	equal(failure(check.within, 0, function() end, true).message, "true: not within 0 s")
end)

test("what stands in the place of another is told", function()
	local c = pair()
	local l <close> = listen("127.0.0.1:0")
	check.limit = "2"
	matches(failure(check.state, c, "CLOSED").message, 'check.limit: seconds are expected, not "2"')
	check.limit = 1
	matches(failure(check.eof, l).message, "a connection is expected, and l%d+ is a listener")
	matches(failure(check.fails, function() end, "EPIPE").message, "a code and a function are expected")
	matches(failure(check.fails, "EPIPE").message, "a code and a function are expected")
	check.fails("EPIPE", setmetatable({}, { __call = function() error({ code = "EPIPE" }) end }))
end)

test("check.waiting takes its limit behind the states", function()
	local l = listen("127.0.0.1:0")
	local before = os.clock()
	matches(failure(check.waiting, l, "ESTABLISHED", 0.01).message, "expected to wait: ESTABLISHED; got: none")
	check.waiting(l, 0.01)
	equal(os.clock() - before < 1, true)
	close(l)
end)

test("why nan differs from nan is said", function()
	matches(failure(check.equal, 0 / 0, -(0 / 0)).message, "^got nan, expected nan %(nan equals nothing")
end)

test("checks work in tasks and coroutines of the script's own", function()
	local c, s = pair()
	wait(spawn(check.state, c, "ESTABLISHED"))
	coroutine.wrap(function() check.state(s, "ESTABLISHED") end)()
	check.fails("check", function() wait(spawn(check.equal, 1, 2)) end)
end)

test("a script that replaces globals does not break check", function()
	local kept = pcall
	pcall = nil -- luacheck: ignore
	local ok, err = kept(check.fails, "ECONNREFUSED", connect, "127.0.0.1:1")
	pcall = kept -- luacheck: ignore
	equal(ok, true, tostring(err))
end)

tap.done()
