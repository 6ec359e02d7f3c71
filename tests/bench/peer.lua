-- The same measurements with LuaSocket in Lua 5.4: rtt, bulk, connects, pairs. It has no way to set
-- the congestion control.
local socket = require("socket")

local CHUNK = 256 * 1024
local run = {}

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
end

local function listener()
	return assert(socket.bind("127.0.0.1", 0))
end

local function connect(port)
	local c = assert(socket.tcp4())
	assert(c:connect("127.0.0.1", port))
	return c
end

local function pair()
	local l = listener()
	local _, port = l:getsockname()
	local c = connect(port)
	return l, c, assert(l:accept()), port
end

function run.rtt_both(n)
	local _, c, s = pair()
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		c:send("x")
		s:receive(1)
		s:send("x")
		c:receive(1)
	end
	mark("done %d", n)
end

function run.rtt_echo()
	local l = listener()
	local _, port = l:getsockname()
	mark("%d", port)
	local s = l:accept()
	local byte = s:receive(1)
	while byte do
		s:send(byte)
		byte = s:receive(1)
	end
end

function run.rtt_ping(n, port)
	local c = connect(port)
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		c:send("x")
		c:receive(1)
	end
	mark("done %d", n)
end

function run.bulk_both(bytes)
	local _, c, s = pair()
	local data = string.rep("x", CHUNK)
	local n = bytes // CHUNK
	c:settimeout(0)
	s:settimeout(0)
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		local sent, got = 0, 0
		while got < CHUNK do
			if sent < CHUNK then
				local upto, _, partly = s:send(data, sent + 1)
				sent = upto or partly
			end
			local whole, _, part = c:receive(CHUNK - got)
			got = got + #(whole or part)
		end
	end
	mark("done %d", n * CHUNK)
end

function run.bulk_source(bytes)
	local l = listener()
	local data = string.rep("x", CHUNK)
	local _, port = l:getsockname()
	mark("%d", port)
	local s = l:accept()
	for _ = 1, bytes // CHUNK do
		s:send(data)
	end
	s:close()
end

function run.bulk_sink(port)
	local c = connect(port)
	local total = 0
	mark("go")
	repeat
		local whole, err, part = c:receive(CHUNK)
		total = total + #(whole or part)
	until err
	mark("done %d", total)
end

function run.connects(n)
	local l = listener()
	local _, port = l:getsockname()
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		local c = connect(port)
		local s = l:accept()
		c:setoption("linger", {on = true, timeout = 0})
		c:close()
		s:close()
	end
	mark("done %d", n)
end

local function rss()
	collectgarbage()
	for line in io.lines("/proc/self/status") do
		local kb = line:match("^VmRSS:%s*(%d+)")
		if kb then
			return kb * 1024
		end
	end
end

function run.pairs(n)
	local l = listener()
	local _, port = l:getsockname()
	local all = {}
	local before = rss()
	mark("go")
	for i = 1, n do
		all[i * 2 - 1] = connect(port)
		all[i * 2] = l:accept()
	end
	mark("done %d", #all // 2)
	mark("value %d", (rss() - before) // n)
	for i = 1, n do
		all[i * 2 - 1]:setoption("linger", {on = true, timeout = 0})
		all[i * 2 - 1]:close()
	end
end

run[arg[1]](math.tointeger(tonumber(arg[2])), math.tointeger(tonumber(arg[3])))
