-- tasks.lua - spawn, wait, try: turns, results, errors, circles.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, pair = tap.test, tap.equal, tap.raises, tap.pair

test("wait gives all that the task's function returned, nil and false too", function()
	local n = select("#", wait(spawn(function() return 1, nil, "x", nil end)))
	equal(n, 4)
	local a, b, c = wait(spawn(function() return 1, nil, "x", nil end))
	equal(a, 1) equal(b, nil) equal(c, "x")
end)

test("a task that has ended can be waited for again and again", function()
	local t = spawn(function() return { "same" } end)
	equal(wait(t), wait(t))
	equal(t:wait()[1], "same")
end)

test("a failed task's error is raised by every wait for it, as the same object", function()
	local t = spawn(function() error({ code = "mine" }) end)
	local _, one = try(wait, t)
	local _, two = try(wait, t)
	equal(one.code, "mine") equal(rawequal(one, two), true)
end)

test("errors that are nil or strings pass through wait", function()
	local ok, err = pcall(wait, spawn(function() error() end))
	equal(ok, false) equal(err, nil)
	tap.fails("tasks.lua:%d+: plain", wait, spawn(function() error("plain") end))
end)

test("a task cannot wait for itself", function()
	local t
	t = spawn(function() return wait(t) end)
	tap.matches(raises("usage", wait, t).message, "cannot wait for itself")
end)

test("two tasks that wait for each other: the second is refused", function()
	local a, b
	a = spawn(function() return try(wait, b) end)
	b = spawn(function() return wait(a) end)
	local _, err = wait(a)
	equal(err.code, "usage")
	tap.matches(err.message, "waits for this task already")
end)

test("a circle of three is refused too", function()
	local a, b, c
	a = spawn(function() return wait(b) end)
	b = spawn(function() return wait(c) end)
	c = spawn(function() return select(2, try(wait, a)) end)
	equal(wait(a).code, "usage")
end)

test("wait() waits for tasks that tasks spawn", function()
	local n = 0
	local function grow(depth)
		n = n + 1
		if depth > 0 then spawn(grow, depth - 1) spawn(grow, depth - 1) end
		sleep(0)
	end
	spawn(grow, 5)
	wait()
	equal(n, 63)
end)

test("wait() in several tasks at once ends", function()
	local order = {}
	for i = 1, 3 do
		spawn(function() wait() order[#order + 1] = i end)
	end
	spawn(function() sleep(0.01) order[#order + 1] = "work" end)
	wait()
	equal(#order, 4) equal(order[1], "work")
end)

test("a task in wait() and one that waits for it both end", function()
	local all = spawn(function() wait() return "all" end)
	local one = spawn(function() return wait(all) end)
	equal(wait(one), "all")
end)

test("wait() raises the error of the first that fails, at once", function()
	local c, s = pair()
	local stuck = spawn(recv, c)
	spawn(function() sleep(0) error({ code = "early" }) end)
	raises("early", wait)
	send(s, "go") equal(wait(stuck), "go")
	close(c, s)
end)

test("wait with a timeout raises timeout and the task goes on", function()
	local c, s = pair()
	local t = spawn(recv, c)
	raises("timeout", wait, t, { timeout = 0.01 })
	raises("timeout", wait, { timeout = 0.01 })
	send(s, "late")
	equal(wait(t), "late")
	close(c, s)
end)

test("wait() with nobody to wait for returns at once", function()
	equal(select("#", wait()), 0)
end)

test("a chain of 2,000 tasks, each waiting for the one before, ends", function()
	local last = spawn(sleep, 0.01)
	for i = 1, 2000 do
		local before = last
		last = spawn(function() wait(before) return i end)
	end
	equal(wait(last), 2000)
end)

test("10,000 tasks run", function()
	local n = 0
	for _ = 1, 10000 do spawn(function() sleep(0.001) n = n + 1 end) end
	wait()
	equal(n, 10000)
end)

test("tasks run in the order in which they were spawned", function()
	local order = {}
	for i = 1, 100 do spawn(function() order[#order + 1] = i end) end
	wait()
	for i = 1, 100 do equal(order[i], i) end
end)

test("spawn takes callable tables, and says what it wants otherwise", function()
	local callable = setmetatable({}, { __call = function(_, x) return x * 2 end })
	equal(wait(spawn(callable, 21)), 42)
	tap.matches(raises("usage", spawn, 5).message, "a function is expected, not number")
	raises("usage", spawn)
end)

test("a task is one object, and says what it does", function()
	local c, s = pair()
	local t = spawn(recv, c)
	sleep(0.001)
	local name = tostring(t):match("^t%d+")
	equal(rawequal(_G[name], t), true)
	equal(tostring(t), name .. " waiting in recv")
	close(c)
	raises("closed", wait, t)
	equal(tostring(t), name .. " failed")
	close(s)
end)

test("try gives nil and the error, or all results; nested too", function()
	equal(select("#", try(function() return 1, nil, nil end)), 3)
	local v, err = try(error, "boo", 0)
	equal(v, nil) equal(err, "boo")
	local _, inner = try(function() return select(2, try(error, "in", 0)) end)
	equal(inner, nil)
	local c, s = pair()
	spawn(function() sleep(0.001) send(s, "late") end)
	equal(try(recv, c), "late")
	close(c, s)
end)

test("what a failed task had open with <close> is closed", function()
	local c, s = pair()
	local t = spawn(function()
		local _ <close> = c
		error("out")
	end)
	pcall(wait, t)
	equal(c.closed, true)
	equal(recv(s), nil)
	close(s)
end)

tap.done()
