-- coroutines.lua - commands that wait inside coroutines, iterators, metamethods and C functions.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, pair = tap.test, tap.equal, tap.raises, tap.pair

-- Sends text to s from another task once the others wait.
local function later(s, text)
	spawn(function() sleep(0.002) send(s, text) end)
end

test("recv in a coroutine waits for the whole task, and its value is its own", function()
	local c, s = pair()
	local co = coroutine.create(function(a)
		local b = coroutine.yield(a + 1)
		local text = recv(c)
		local d = coroutine.yield(text .. b)
		return d, "end"
	end)
	equal(select(2, coroutine.resume(co, 1)), 2)
	later(s, "late")
	equal(select(2, coroutine.resume(co, "!")), "late!")
	local ok, d, last = coroutine.resume(co, "d")
	equal(ok, true) equal(d, "d") equal(last, "end")
	equal(coroutine.status(co), "dead")
	close(c, s)
end)

test("coroutines in coroutines, 50 deep, wait as one", function()
	local c, s = pair()
	local function nest(n)
		if n == 0 then return recv(c) end
		return coroutine.wrap(nest)(n - 1)
	end
	later(s, "deep")
	equal(nest(50), "deep")
	close(c, s)
end)

test("a wrap in a for loop with recv inside gives every line once", function()
	local c, s = pair()
	local function lines()
		return coroutine.wrap(function()
			for line in function() return recv(c, "line") end do
				coroutine.yield(line)
			end
		end)
	end
	spawn(function()
		for i = 1, 20 do send(s, i .. "\n") sleep(0) end
		close(s)
	end)
	local n = 0
	for line in lines() do n = n + 1 equal(line, n .. "\n") end
	equal(n, 20)
	close(c)
end)

test("pcall, xpcall and metamethods of Lua let a wait through", function()
	local c, s = pair()
	later(s, "a")
	equal(select(2, pcall(recv, c)), "a")
	later(s, "b")
	equal(select(2, xpcall(recv, print, c)), "b")
	local object = setmetatable({}, {
		__index = function() return recv(c) end,
		__add = function() return recv(c) end,
		__call = function() return recv(c) end,
		__close = function() equal(recv(c), "f") end,
	})
	later(s, "c") equal(object.field, "c")
	later(s, "d") equal(object + 1, "d")
	later(s, "e") equal(object(), "e")
	later(s, "f")
	do local _ <close> = object end
	close(c, s)
end)

test("dofile and load let a wait through, require refuses and loses nothing", function()
	local c, s = pair()
	_G.C = c
	local f = assert(io.open("mod_wait.lua", "w"))
	f:write("return recv(C)\n")
	f:close()
	later(s, "one") equal(dofile("mod_wait.lua"), "one")
	later(s, "two") equal(load("return recv(C)")(), "two")
	raises("usage", require, "mod_wait")
	send(s, "kept") equal(recv(c), "kept")
	close(c, s)
end)

test("where Lua cannot wait, the command says so and has consumed nothing", function()
	local c, s = pair()
	local err = raises("usage", table.sort, { 3, 1, 2 }, function() return recv(c) == "x" end)
	tap.matches(err.message, "recv would have to wait here")
	tap.matches(err.hint, "spawn%(recv")
	raises("usage", string.gsub, "abc", "b", function() return recv(c) end)
	raises("usage", tostring, setmetatable({}, { __tostring = function() return recv(c) end }))
	raises("usage", table.sort, { 2, 1 }, function() return coroutine.wrap(recv)(c) end)
	send(s, "whole")
	equal(recv(c), "whole")
	close(c, s)
end)

test("what need not wait works there", function()
	local c, s = pair()
	send(s, "B")
	recv(c, { peek = true })
	equal((string.gsub("abc", "b", function() return recv(c) end)), "aBc")
	close(c, s)
end)

test("a connect that is refused the wait gives its name back", function()
	-- Nobody takes from this queue: once it is full, a SYN gets no answer.
	local l = listen("127.0.0.1:0", { backlog = 0 })
	local queued, full = {}
	repeat
		queued[#queued + 1], full = try(connect, "127.0.0.1:" .. l.port, { timeout = 0.05 })
	until full
	local names = #state()
	raises("usage", string.gsub, "x", "x", function() connect("127.0.0.1:" .. l.port) end)
	equal(#state(), names)
	close(l, table.unpack(queued))
end)

test("nobody else can resume or close a coroutine that waits", function()
	local c, s = pair()
	local co = coroutine.create(function() return recv(c) end)
	local t = spawn(function() return select(2, coroutine.resume(co)) end)
	sleep(0.001)
	equal(coroutine.status(co), "normal")
	local ok, why = coroutine.resume(co)
	equal(ok, false) tap.matches(why, "waiting in a command")
	tap.fails("waiting in a command", coroutine.close, co)
	send(s, "still")
	equal(wait(t), "still")
	equal(coroutine.close(co), true)
	close(c, s)
end)

test("nobody else can resume a task", function()
	local c, s = pair()
	local root
	local t = spawn(function() root = coroutine.running() return recv(c) end)
	sleep(0.001)
	equal(coroutine.resume(root), false)
	send(s, "x") equal(wait(t), "x")
	equal(coroutine.resume(root), false)
	close(c, s)
end)

test("coroutine.yield outside a coroutine is an error, not a hang", function()
	tap.fails("outside a coroutine", coroutine.yield)
	equal(coroutine.isyieldable(), false)
	equal(select(2, coroutine.running()), true)
	equal(coroutine.wrap(function() return coroutine.isyieldable() end)(), true)
end)

test("a socket closed by another task ends the wait in a coroutine", function()
	local c, s = pair()
	spawn(function() sleep(0.002) close(c) end)
	local ok, err = coroutine.resume(coroutine.create(recv), c)
	equal(ok, false) equal(err.code, "closed")
	close(s)
end)

test("coroutine.close runs <close>, and gives what it raised", function()
	local log = {}
	local co = coroutine.create(function()
		local _ <close> = setmetatable({}, { __close = function() log[1] = "closed" end })
		coroutine.yield()
	end)
	coroutine.resume(co)
	equal(coroutine.close(co), true) equal(log[1], "closed")
	co = coroutine.create(function()
		local _ <close> = setmetatable({}, { __close = function() error("bad", 0) end })
		coroutine.yield()
	end)
	coroutine.resume(co)
	local ok, err = coroutine.close(co)
	equal(ok, false) equal(err, "bad")
	tap.fails("cannot close a running", function() coroutine.close((coroutine.running())) end)
end)

test("a suspended coroutine that is dropped is collected with all its sockets unharmed", function()
	local c, s = pair()
	do
		local co = coroutine.wrap(function() local x = c coroutine.yield(x) end)
		co()
	end
	collectgarbage() collectgarbage()
	send(s, "alive") equal(recv(c), "alive")
	close(c, s)
end)

test("wrap passes errors on as they are, strings with their place", function()
	local mine = {}
	local _, err = pcall(coroutine.wrap(function() error(mine) end))
	equal(rawequal(err, mine), true)
	tap.fails("coroutines.lua:%d+: text", coroutine.wrap(function() error("text") end))
	local dead = coroutine.wrap(function() end)
	dead()
	tap.fails("cannot resume dead coroutine", dead)
end)

test("endless recursion through wrap ends in an error", function()
	local function f() return coroutine.wrap(f)() end
	tap.fails("C stack overflow", f)
	local function g() return 1 + g() end
	tap.fails("stack overflow", g)
end)

test("commands work after every mode of the collector, and in finalizers", function()
	local c, s = pair()
	for _, mode in ipairs { "incremental", "generational" } do
		collectgarbage(mode)
		for i = 1, 200 do
			later(s, "x")
			equal(recv(c), "x")
			if i % 20 == 0 then collectgarbage("step", 10) end
		end
	end
	local got
	setmetatable({}, { __gc = function() got = select(2, try(recv, c)) end })
	collectgarbage() collectgarbage()
	equal(got.code, "usage")
	close(c, s)
end)

tap.done()
