-- Open connections: pairs.lua N. Pairs/second, bytes of memory a pair, state()s/second.
local n = math.tointeger(tonumber(arg[1]))
local l = listen("127.0.0.1:0")
local at = l.local_address
local all = {}

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
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

l:option("congestion", "reno")
local before = rss()
mark("go")
for i = 1, n do
	all[i * 2 - 1] = connect(at)
	all[i * 2] = l:accept()
end
mark("done %d", #all // 2)
mark("value %d", (rss() - before) // n)
mark("go")
assert(#state() == 2 * n + 1)
mark("done 1")
for i = 1, n do
	all[i * 2 - 1]:abort()
end
