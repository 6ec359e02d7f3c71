-- sockets.lua - sockets as objects: names, fields, methods, <close>, collection, many of them.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, pair = tap.test, tap.equal, tap.raises, tap.pair

test("a socket is one object by name, by global and as a result", function()
	local l = listen("127.0.0.1:0")
	equal(rawequal(_G[l.name], l), true)
	close(l)
end)

test("fields tell name, kind, addresses, descriptor", function()
	local c, s = pair()
	equal(c.kind, "connected") equal(s.kind, "accepted")
	equal(c.local_address, s.peer_address) equal(c.peer_address, s.local_address)
	equal(math.type(c.fd), "integer") equal(c.closed, false) equal(c.host, "here")
	equal(c.no_such_field, nil)
	equal(tostring(c), ("%s ESTABLISHED %s > %s"):format(c.name, c.local_address, c.peer_address))
	tap.fails("read%-only", function() c.port = 5 end)
	equal(getmetatable(c), "socket")
	close(c, s)
	equal(c.closed, true)
end)

test("methods and functions are the same call", function()
	local c, s = pair()
	c:send("abc")
	equal(s:recv("exactly", 3), "abc")
	equal(send(s, "d") + s.send(s, "e"), 2)
	equal(recv(c, "exactly", 2), "de")
	c:shutdown()
	equal(s:recv(), nil)
	s:close()
	c:close()
end)

test("a closed socket keeps its name, answers with an error, and prints its state", function()
	local c, s = pair()
	close(c)
	tap.matches(tostring(c), "^c%d+ FIN_WAIT")
	equal(rawequal(_G[c.name], c), true)
	tap.matches(raises("closed", recv, c).message, c.name .. " is closed")
	close(s)
	tap.matches(tostring(c), "^c%d+ TIME_WAIT")
end)

test("a name that is assigned to is the user's; without it the socket is back", function()
	local l = listen("127.0.0.1:0")
	_G[l.name] = "mine"
	equal(_G[l.name], "mine")
	_G[l.name] = nil
	equal(rawequal(_G[l.name], l), true)
	close(l)
end)

test("_ENV may be anything", function()
	local l = listen("127.0.0.1:0")
	local close = close
	do
		local _ENV = { close = close, l = l }
		close(l)
	end
	local _ENV = setmetatable({}, { __index = _G })
	l = listen("127.0.0.1:0")
	equal(l.closed, false)
	l:close()
end)

test("local s <close> closes at the end, after an error, and after a break", function()
	local seen
	do local l <close> = listen("127.0.0.1:0") seen = l end
	equal(seen.closed, true)
	pcall(function() local l <close> = listen("127.0.0.1:0") seen = l error("out") end)
	equal(seen.closed, true)
	for _ = 1, 2 do local l <close> = listen("127.0.0.1:0") seen = l break end -- luacheck: ignore 512
	equal(seen.closed, true)
	do local l <close> = listen("127.0.0.1:0") seen = l close(l) end
	equal(seen.closed, true)
end)

test("a socket that Lua has dropped stays open under its name", function()
	local name = listen("127.0.0.1:0").name
	collectgarbage() collectgarbage()
	equal(_G[name].closed, false)
	close(_G[name])
end)

test("closing a socket ends all the calls that wait for it", function()
	local c, s = pair()
	local tasks = {}
	for i = 1, 10 do tasks[i] = spawn(function() return select(2, try(recv, c)) end) end
	sleep(0.001)
	close(c)
	for i = 1, 10 do equal(wait(tasks[i]).code, "closed") end
	close(s)
end)

test("several tasks that wait for one socket each get something, or the end", function()
	local c, s = pair()
	local got = 0
	for _ = 1, 10 do
		spawn(function()
			local data = recv(c, 1) or ""
			got = got + #data
		end)
	end
	sleep(0.001)
	send(s, "12345")
	close(s)
	wait()
	equal(got, 5)
	close(c)
end)

-- Are there bytes that nobody has taken yet?
local function recv_ready(c)
	return (try(recv, c, { peek = true, timeout = 0 })) ~= nil
end

test("a socket waited for again and again by one task, across closes of its number", function()
	for _ = 1, 20 do
		local c, s = pair()
		local t = spawn(function() return recv(c) .. recv(c) end)
		for i = 1, 2 do
			repeat sleep(0) until tostring(t):find("waiting in recv") and not recv_ready(c)
			send(s, i)
		end
		equal(wait(t), "12")
		close(c, s)
	end
end)

test("one task waits for this and that in turn", function()
	local a, b = pair()
	local c, d = pair()
	spawn(function()
		for i = 1, 50 do send(b, "b" .. i) sleep(0) send(d, "d" .. i) sleep(0) end
		close(b, d)
	end)
	local n = 0
	while true do
		local x = recv(a, "exactly", 2 + (n >= 9 and 1 or 0), { timeout = 5 })
		if not x then break end
		n = n + 1
		equal(x, "b" .. n)
		equal(recv(c, #x), "d" .. n)
		if n == 50 then break end
	end
	equal(n, 50)
	close(a, c)
end)

-- Three descriptors a pair, and some to spare; what ulimit -n allows.
local function descriptors()
	local p = io.popen("ulimit -n")
	local n = p:read("n") or 1024
	p:close()
	return n
end

test("an RST leaves nothing: both names go with close, the objects know their addresses", function()
	local c, s = pair()
	local at, name = c.local_address, c.name
	abort(c)
	s:close()
	equal(_G[name], nil) equal(_G[s.name], nil)
	equal(state(c), "CLOSED") equal(state(s), "CLOSED")
	equal(c.local_address, at) equal(s.peer_address, at)
end)

test("as many sockets as 10,000, each with a task that waits", function()
	local most = math.min(5000, (descriptors() - 100) // 2)
	local l = listen("127.0.0.1:0", { backlog = 1000 })
	local pairs_, tasks = {}, {}
	for i = 1, most do
		local c = connect("127.0.0.1:" .. l.port)
		local s = accept(l)
		pairs_[i] = { c, s }
		tasks[i] = spawn(recv, c)
	end
	sleep(0)
	for i = 1, most do send(pairs_[i][2], "n" .. i) end
	for i = 1, most do equal(wait(tasks[i]), "n" .. i) end
	for i = 1, most do abort(pairs_[i][1]) close(pairs_[i][2]) end
	close(l)
end)

tap.done()
