-- why.lua - each known pattern is provoked for real, and silent where it is not the reason.
local help = dofile(os.getenv("TOP") .. "/tests/lua/_why.lua")
local tap, test, pair, explain = help.tap, help.test, help.pair, help.explain
local equal, matches = tap.equal, tap.matches

---------------------------------------------------------------- held

test("held: what is awaited stands on the wire", function(net)
	local c, s = pair(net)
	net.wire:hold()
	c:send("hello")
	local name, text, advice = explain(recv, s, 5, { timeout = 0.01 })
	equal(name, "held", text)
	equal(text, "The wire is held, and #4 waits on it: the PSH,ACK from client to server has not arrived.")
	equal(advice, "wire:step(), or wire:continue()")
	equal(explain(check.state, s, "CLOSE_WAIT", 0.01), "held")
end)

test("held: a handshake of which no socket knows yet", function(net)
	net.server:listen(80)
	net.wire:hold()
	local name, text = explain(net.client.connect, net.client, "server:80", { timeout = 0.01 })
	equal(name, "held", text)
	matches(text, "#1 waits on it: the SYN from client to server")
end)

test("held: silent about a segment of another connection", function(net)
	local c = pair(net)
	local d = net.client:connect("server:80")
	net.wire:hold()
	d:send("x")
	check.held { data = "x" }
	equal(explain(check.state, c, "CLOSE_WAIT", 0.01), "silent")
end)

test("held: silent when nothing was awaited, and when the wire holds nothing", function(net)
	local c, s = pair(net)
	net.wire:hold()
	c:send("hello")
	equal(explain(check.equal, 1, 2), "silent")
	net.wire:continue()
	equal(explain(check.state, s, "CLOSE_WAIT", 0.01), "silent")
end)

test("held: silent about a mistake in the script", function(net)
	local c = pair(net)
	net.wire:hold()
	c:send("hello")
	check.held { data = "hello" }
	equal(explain(check.state, nil, "CLOSED"), "silent")
	equal(explain(check.seen, { flg = "SYN" }), "silent")
end)

---------------------------------------------------------------- unread, late

test("unread: a close with unread bytes resets, and the bytes are named", function(net)
	local c, s = pair(net)
	c:send("hello")
	check.within(1, function() return s:state { full = true }.recvq == 5 end)
	s:close()
	local name, text, advice = explain(check.eof, c)
	equal(name, "unread", text)
	equal(text, 'server.s1 was closed with 5 unread bytes ("hello"). TCP then sends RST instead of FIN, '
		.. "to say that data was lost (RFC 1122, 4.2.2.13).")
	equal(advice, "read before you close: server.s1:recv()")
	equal(explain(c.send, c, "more"), "unread")
end)

test("unread: what was read is not among the bytes", function(net)
	local c, s = pair(net)
	c:send("hello")
	equal(s:recv("exactly", 4), "hell")
	s:close()
	local _, text = explain(check.state, c, "CLOSE_WAIT", 0.01)
	matches(text, '^server.s1 was closed with 1 unread byte %("o"%)')
	equal(explain(check.states, { [c] = "FIN_WAIT_1" }, 0.01), "unread")
	equal(explain(check.trail, c, "CLOSE_WAIT", 0.01), "unread")
end)

test("unread: silent about an abort, and about a RST by hand", function(net)
	local c, s = pair(net)
	c:send("hello")
	check.within(1, function() return s:state { full = true }.recvq == 5 end)
	s:abort()
	equal(explain(check.eof, c), "silent")
	local d = net.client:connect("server:80")
	d:send("hello")
	inject("R. 1:1(0) ack 1", { from = "server:80", to = "client:" .. d.port })
	equal(explain(check.eof, d), "silent")
end)

test("unread: silent about another connection's reset", function(net)
	local c, s, l = pair(net)
	c:send("hello")
	check.within(1, function() return s:state { full = true }.recvq == 5 end)
	local d = net.client:connect("server:80")
	l:accept()
	s:close()
	check.seen { flags = { "has", "RST" } }
	equal(explain(check.state, d, "CLOSED", 0.01), "silent")
end)

test("unread: silent about an abort, when another connection was closed with unread bytes", function(net)
	local c, s, l = pair(net)
	local d = net.client:connect("server:80")
	local e = l:accept()
	c:send("hello")
	check.within(1, function() return s:state { full = true }.recvq == 5 end)
	s:close()
	e:abort()
	equal(explain(check.eof, d), "silent")
end)

test("late: bytes that come after the close are answered with RST", function(net)
	local c, s = pair(net)
	s:close()
	check.state(c, "CLOSE_WAIT")
	c:send("too late")
	check.state(c, "CLOSED")
	local name, text, advice = explain(c.send, c, "more")
	equal(name, "late", text)
	matches(text, "^server.s1 was closed when #%d+ came with 8 bytes")
	matches(advice, "^server.s1:shutdown%(%)")
end)

test("late: silent about a reset before any FIN", function(net)
	local c, s = pair(net)
	s:abort()
	check.state(c, "CLOSED")
	equal(explain(c.send, c, "more"), "silent")
end)

---------------------------------------------------------------- refused, route

test("refused: nothing listens there", function(net)
	local name, text, advice = explain(net.client.connect, net.client, "server:80")
	equal(name, "refused", text)
	equal(text, "The SYN was answered with RST, because no socket listens on port 80 of server "
		.. "(RFC 9293, 3.10.7.1).")
	equal(advice, "server:listen(80) before the connect")
end)

test("refused: the port on which the host does listen is told", function(net)
	net.server:listen(8080)
	net.client:listen(81)
	local _, text, advice = explain(net.client.connect, net.client, "server:80")
	matches(text, "port 80 of server, but server.l1 on 8080 %(RFC")
	equal(advice, "server:listen(80) before the connect, or connect to 8080")
end)

tap.test("refused: also without a lab", function()
	local l <close> = listen("127.0.0.1:0")
	local port = l.port
	l:close()
	local name, text = explain(connect, "127.0.0.1:" .. port)
	equal(name, "refused", text)
	matches(text, "no socket listens on port " .. port .. " of 127.0.0.1")
end)

test("refused: silent about a connection that was reset later", function(net)
	local c, s = pair(net)
	s:abort()
	equal(explain(check.eof, c), "silent")
end)

test("route: IPv6 in a lab without it", function(net)
	local name, text, advice = explain(net.client.connect, net.client, "[fd77::2]:80")
	equal(name, "route", text)
	equal(text, "The hosts of this lab have no IPv6, so no route leads to fd77::2 (RFC 1122, 3.3.1).")
	equal(advice, "lab({ipv6 = true}), or an IPv4 address")
end)

test("route: an address of many hosts", function(net)
	local name, text = explain(net.client.connect, net.client, "224.0.0.1:80")
	equal(name, "route", text)
	equal(text, "224.0.0.1 is no address of one host, and TCP connects two (RFC 1122, 4.2.3.10).")
end)

-- A machine without a network is a namespace of our own.
local function alone(line)
	local f = io.popen(("unshare -rn '%s' -e '%s' 2>&1"):format(os.getenv("TCPSTEP"), line:gsub("'", "'\\''")))
	local said = f:read("a")
	f:close()
	return said
end

if alone("1 + 1") == "2\n" then
	tap.test("route: a machine without a way to there", function()
		equal(alone([[local why, scene = require("tcpstep.why"), require("tcpstep.scene") ]]
			.. [[local _, err = try(connect, "192.0.2.1:80") print(why.find(scene.look(err)))]]),
			"No route of this machine leads to 192.0.2.1 (RFC 1122, 3.3.1).\t"
			.. "look at the routes: ip route get 192.0.2.1\troute\n")
	end)
end

test("route: silent about a host of the lab that does not answer", function(net)
	net.wire { loss = "100%", seed = 1 }
	equal(explain(net.client.connect, net.client, "server:80", { timeout = 0.05 }), "silent")
end)

test("route: silent with IPv6", function(net)
	net.server:listen("[::]:80")
	net.wire { loss = "100%", seed = 1 }
	equal(explain(net.client.connect, net.client, "[fd77::2]:80", { timeout = 0.05 }), "silent")
end, { ipv6 = true })

---------------------------------------------------------------- time_wait, backlog

test("time_wait: a port whose connection was closed first", function(net)
	local c, s, l = pair(net)
	s:close()
	c:close()
	check.state(s, "TIME_WAIT")
	l:close()
	local name, text, advice = explain(listen, net.server, 80, { reuse = false })
	equal(name, "time_wait", text)
	matches(text, "^The port is still that of server.s1, which closed first")
	equal(advice, "server:listen(80, {reuse = true})")
end)

test("time_wait: a connect from a port that has been used", function(net)
	local c, s = pair(net)
	local port = c.port
	c:close()
	s:close()
	check.state(c, "TIME_WAIT")
	local name, text, advice = explain(net.client.connect, net.client, "server:80", { from = port })
	equal(name, "time_wait", text)
	equal(advice, "let the kernel choose a port, or let the other end close first")
end)

test("time_wait: silent when a listener has the port, too", function(net)
	local c, s = pair(net)
	equal(explain(listen, net.server, 80), "silent")
	s:close()
	c:close()
	check.state(s, "TIME_WAIT")
	equal(explain(listen, net.server, 80), "silent")
end)

test("backlog: a full accept queue answers no SYN", function(net)
	net.server:listen(80, { backlog = 1 })
	net.client:connect("server:80")
	net.client:connect("server:80")
	local name, text, advice = explain(connect, net.client, "server:80", { timeout = 0.05 })
	equal(name, "backlog", text)
	matches(text, "^The accept queue of server.l1 is full: 2 connections wait in it, and its backlog is 1")
	equal(advice, "accept(server.l1), or listen with a larger backlog")
end)

test("backlog: silent while there is room", function(net)
	net.server:listen(80, { backlog = 2 })
	net.client:connect("server:80")
	net.client:connect("server:80")
	net.wire { loss = "100%", seed = 1 }
	equal(explain(connect, net.client, "server:80", { timeout = 0.05 }), "silent")
end)

---------------------------------------------------------------- close_wait, gave_up

test("close_wait: the other end has not closed", function(net)
	local c, s = pair(net)
	c:close()
	check.state(s, "CLOSE_WAIT")
	local name, text, advice = explain(check.state, c, "TIME_WAIT", 0.01)
	equal(name, "close_wait", text)
	equal(text, "server.s1 is in CLOSE_WAIT: it has got the FIN of client.c1, and TCP waits for the program "
		.. "at that end to close it (RFC 9293, 3.6).")
	equal(advice, "server.s1:close()")
	equal(explain(check.state, s, "CLOSED", 0.01), "close_wait")
end)

test("close_wait: a connection that nobody has accepted", function(net)
	net.server:listen(80)
	local c = net.client:connect("server:80")
	c:close()
	check.state(c, "FIN_WAIT_2")
	local name, text, advice = explain(check.state, c, "TIME_WAIT", 0.01)
	equal(name, "close_wait", text)
	matches(text, "^A connection in the accept queue of server.l1 is in CLOSE_WAIT")
	equal(advice, "accept(server.l1):close()")
end)

tap.test("close_wait: also without a lab", function()
	local c, s = tap.pair()
	c:close()
	check.state(s, "CLOSE_WAIT")
	equal(explain(check.state, c, "TIME_WAIT", 0.01), "close_wait")
	s:close()
end)

test("close_wait: silent when both have closed, and when none has", function(net)
	local c, s = pair(net)
	equal(explain(check.state, c, "TIME_WAIT", 0.01), "silent")
	s:close()
	c:close()
	check.state(s, "TIME_WAIT")
	equal(explain(check.state, s, "CLOSED", 0.01), "silent")
end)

test("gave_up: what the kernel has sent in vain is counted", function(net)
	local c = pair(net)
	c:option("user_timeout", 300)
	net.wire { loss = "100%", seed = 1 }
	c:send("into the void")
	check.state(c, "CLOSED", 5)
	local name, text = explain(c.recv, c)
	equal(name, "gave_up", text)
	matches(text, "^client sent #4 %(PSH,ACK%) %d times and no acknowledgement of it came back "
		.. "%(all were dropped on the wire%)")
end)

test("gave_up: silent when the wire holds the segment: that is the reason", function(net)
	local c = pair(net)
	c:option("user_timeout", 300)
	net.wire:hold()
	c:send("into the void")
	check.state(c, "CLOSED", 5)
	equal(explain(c.recv, c), "held")
end)

test("gave_up: silent about a recv that timed out", function(net)
	local c = pair(net)
	equal(explain(c.recv, c, { timeout = 0.01 }), "silent")
end)

---------------------------------------------------------------- zero_window, nagle

test("zero_window: a reader that does not read stops the sender", function(net)
	local l = net.server:listen(80)
	l:option("rcvbuf", 4096)
	local c = net.client:connect("server:80")
	local s = l:accept()
	local t = spawn(pcall, send, c, ("x"):rep(100000))
	check.seen { from = "server", window = 0 }
	check.within(2, function() return c:state { full = true }.timer == "probe" end)
	local name, text, advice = explain(check.state, c, "FIN_WAIT_1", 0.01)
	equal(name, "zero_window", text)
	matches(text, "^The window of server.s1 is closed: %d+ bytes wait there to be read, and client.c1 may only probe")
	equal(advice, "read: server.s1:recv()")
	equal(#s:recv("exactly", 100000), 100000)
	equal(select(2, wait(t)), 100000)
	equal(explain(check.state, c, "FIN_WAIT_1", 0.01), "silent")
end)

test("nagle: a small segment waits for the acknowledgement of the one before", function(net)
	local c, s = pair(net)
	s:option("quickack", false)
	net.wire { loss = "100%", seed = 1 }
	c:send("a")
	c:send("bc")
	local name, text, advice = explain(check.seen, { data = "bc" }, 0, 0.01)
	equal(name, "nagle", text)
	equal(text, "client.c1 has 2 bytes that it does not send: less than a full segment waits until 1 byte in "
		.. "flight is acknowledged (Nagle; RFC 9293, 3.7.4).")
	equal(advice, 'option(client.c1, "nodelay", true)')
end)

test("nagle: silent with nodelay, and when all was sent", function(net)
	local c = pair(net)
	c:option("nodelay", true)
	net.wire { loss = "100%", seed = 1 }
	c:send("a")
	c:send("bc")
	equal(explain(check.seen, { data = "never sent" }, 0, 0.01), "silent")
end)

test("nagle: silent about a corked socket", function(net)
	local c = pair(net)
	c:option("cork", true)
	c:send("a")
	equal(explain(check.seen, { data = "a" }, 0, 0.01), "silent")
end)

tap.done()
