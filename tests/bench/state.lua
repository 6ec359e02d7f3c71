-- Asking for states: state.lua info|exact|all N, as state.c does. Questions/second.
local mode, n = arg[1], math.tointeger(tonumber(arg[2]))

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
end

if mode == "all" then
	mark("go")
	for _ = 1, n do
		assert(#state({all = true}) > 0)
	end
	mark("done %d", n)
	return
end

local l = listen("127.0.0.1:0")
local c = connect(l.local_address)
local s = l:accept()
local expected = "ESTABLISHED"
if mode == "exact" then
	c:shutdown("send")
	assert(s:recv() == nil)
	s:close()
	assert(c:recv() == nil)
	c:close()
	expected = "TIME_WAIT"
end
mark("go")
for _ = 1, n do
	assert(c:state() == expected)
end
mark("done %d", n)
