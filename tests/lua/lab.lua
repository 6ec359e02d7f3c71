-- lab.lua - a lab in a script: hosts and the wire as objects, tasks that wait for steps, its end.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, matches, with_lab = tap.test, tap.equal, tap.raises, tap.matches, tap.with_lab

local made, why = try(lab)
if not made then
	print("1..0 # SKIP " .. tostring(why))
	os.exit(0)
end
lab("off")

-- Runs fn beside and gives it turns until the wire holds n segments.
local function beside(net, n, fn)
	local t = spawn(fn)
	while #net.wire:held() < n do
		sleep(0)
	end
	return t
end

test("lab gives its hosts and its wire by name", function()
	with_lab(function(net)
		equal(net.a.name, "a")
		equal(net.b.address, "10.77.0.2")
		equal(tostring(net.a), "a 10.77.0.1")
		equal(net.c, nil)
		equal(net.a == net.b, false)
	end, "a", "b")
end)

test("sockets of a host are its fields, and the globals' names with a dot", function()
	with_lab(function(net)
		local l = net.server:listen(80)
		equal(net.server.l1 == l, true)
		equal(net.client.l1, nil)
		local c = net.client:connect("server:80")
		equal(net.client.c1 == c, true)
		equal(c.name, "client.c1")
		local s = l:accept()
		c:send("hello")
		equal(s:recv(5), "hello")
		equal(state(net.server.s1), "ESTABLISHED")
	end)
end)

test("a command taken off a host or a socket with a dot acts nowhere else", function()
	with_lab(function(net)
		local server = net.server
		matches(raises("usage", server.listen, 80).message,
			"^listen: a dot does not pass what it acts on; write server:listen%(...%)$")
		raises("usage", server.listen)
		local l = server.listen(server, 80)
		equal(l.name, "server.l1")
		local c = net.client:connect("server:80")
		local s = l:accept()
		s:close()
		matches(raises("usage", s.send, "hello").message, "; write c1:send%(...%)$")
		equal(c.send(c, "hello"), 5)
		equal(#net.wire.held(), 0)
	end)
end)

test("a connect waits in its task for each step of the handshake", function()
	with_lab(function(net)
		net.wire:hold()
		local l = net.server:listen(80)
		local t = beside(net, 1, function() return net.client:connect("server:80") end)
		equal(state(net.client.c1), "SYN_SENT")
		equal(net.wire:step(), 1)
		equal(net.wire:held()[1].flags, "SYN,ACK")
		equal(net.wire:step("#2"), 2)
		local c = wait(t)
		equal(state(c), "ESTABLISHED")
		equal(net.wire:step(), 3)
		equal(state(l:accept()), "ESTABLISHED")
		raises("usage", net.wire.step, net.wire)
	end)
end)

test("the last ACK lost: the server waits in SYN_RCVD until data brings the ACK", function()
	with_lab(function(net)
		net.wire:hold()
		local l = net.server:listen(80)
		local t = beside(net, 1, function() return net.client:connect("server:80") end)
		net.wire:step(2)
		local c = wait(t)
		equal(net.wire:drop(), 3)
		c:send("data")
		equal(net.wire:held()[1].data, "data")
		net.wire:continue()
		equal(l:accept():recv(4), "data")
	end)
end)

test("names are those of the lab alone, and the error has a code", function()
	with_lab(function(net)
		matches(raises("ENOTFOUND", net.client.connect, net.client, "nobody:80").message,
			'the lab has no host "nobody"')
		matches(raises("usage", connect, "server:80").hint, "^Put a host of the lab in front")
	end)
end)

test("a second lab is refused, and the first one works on", function()
	with_lab(function(net)
		matches(raises("usage", lab, "x", "y").message, "there is a lab already: client, server")
		net.server:listen(80)
		equal(net.client:connect("server:80").name, "client.c1")
	end)
end)

test("when the lab goes, what waits is told, and its objects say that they are gone", function()
	local net = lab()
	local l = net.server:listen(80)
	local t = spawn(function() return try(accept, l) end)
	sleep(0)
	lab("off")
	local _, err = wait(t)
	equal(err.code, "closed")
	raises("closed", accept, l)
	matches(raises("closed", net.client.connect, net.client, "server:80").message, "is gone")
	raises("usage", net.wire.step, net.wire)
	equal(tostring(net.client), "client")
end)

test("what waits for a socket whose connect fails is told that it is closed", function()
	with_lab(function(net)
		net.wire { loss = "100%" }
		local t = spawn(try, connect, net.client, "server:80", { timeout = 0.01 })
		local readers = {}
		for i = 1, 3 do
			readers[i] = spawn(function() return try(recv, net.client.c1) end)
		end
		equal(select(2, wait(t)).code, "timeout")
		for _, r in ipairs(readers) do
			equal(select(2, wait(r)).code, "closed")
		end
		-- Whoever is told may close it as well.
		t = spawn(try, connect, net.client, "server:80", { timeout = 0.01 })
		local r = spawn(function()
			local c = net.client.c1
			try(recv, c)
			c:close()
			return "closed"
		end)
		equal(select(2, wait(t)).code, "timeout")
		equal(wait(r), "closed")
	end)
end)

-- server.s1 in TIME_WAIT, closed; the wire holds a SYN with the same pair of addresses.
local function reopened(net)
	local l = net.server:listen(80)
	local c = net.client:connect("server:80", { from = 4000 })
	local s = l:accept()
	s:close()
	check.eof(c)
	c:close()
	check.states { [c] = "CLOSED", [s] = "TIME_WAIT" }
	net.wire:hold()
	local t = spawn(connect, net.client, "server:80", { from = 4000 })
	check.held { flags = "SYN" }
	return l, s, t
end

-- The names that state gives to the sockets of the server's port, and their states.
local function at_server()
	local rows = {}
	for _, row in ipairs(state()) do
		if row.local_address:find(":80$") then
			rows[#rows + 1] = row.name .. " " .. row.state
		end
	end
	return table.concat(rows, ", ")
end

test("a SYN that reopens a closed socket's pair makes a connection of the listener's", function()
	with_lab(function(net)
		local l, s, t = reopened(net)
		equal(at_server(), "server.l1 LISTEN, server.s1 TIME_WAIT")
		net.wire:step()
		equal(state(s), "CLOSED")
		equal(at_server(), "server.l1 LISTEN, (server.l1) SYN_RCVD")
		net.wire:continue()
		wait(t)
		check.waiting(l, "ESTABLISHED")
		equal(state(s), "CLOSED")
		l:accept()
		equal(at_server(), "server.l1 LISTEN, server.s2 ESTABLISHED")
	end, "client", "server", { clock = "slow" })
end)

test("state all=yes gives a closed socket's name to no connection but its own", function()
	with_lab(function(net)
		local _, _, t = reopened(net)
		local function named()
			for _, row in ipairs(net.server:state { all = true }) do
				if row.peer_address:find(":4000$") then
					return (row.name or "-") .. " " .. row.state
				end
			end
		end
		equal(named(), "server.s1 TIME_WAIT")
		net.wire:step()
		equal(named(), "- SYN_RCVD")
		net.wire:continue()
		wait(t)
	end, "client", "server", { clock = "slow" })
end)

test("a FIN that waits for its ACK is no byte in sendq", function()
	with_lab(function(net)
		local l = net.server:listen(80)
		local c = net.client:connect("server:80")
		local s = l:accept()
		net.wire:hold()
		c:send("hello")
		c:shutdown()
		equal(state(c), "FIN_WAIT_1")
		equal(state(c, { full = true }).sendq, 5)
		s:shutdown()
		equal(state(s, { full = true }).sendq, 0)
	end)
end)

test("fifty labs one after the other leave no descriptor behind", function()
	local function descriptors()
		local ls <close> = io.popen("ls /proc/$PPID/fd")
		local n = 0
		for _ in ls:lines() do
			n = n + 1
		end
		return n
	end
	lab() lab("off")
	collectgarbage() collectgarbage()
	local before = descriptors()
	for _ = 1, 50 do
		with_lab(function(net)
			net.server:listen(80)
			net.client:connect("server:80")
		end)
	end
	collectgarbage() collectgarbage()
	-- popen's own may be among them; a lab that leaks would have left fifty.
	equal(descriptors() < before + 10, true)
end)

tap.done()
