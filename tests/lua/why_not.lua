-- why_not.lua - a known pattern is there, and is not the reason: it is not told, or what is true of it.
local help = dofile(os.getenv("TOP") .. "/tests/lua/_why.lua")
local tap, test, pair, explain = help.tap, help.test, help.pair, help.explain
local equal, matches = tap.equal, tap.matches

local function has_unread(sock, n)
	check.within(1, function() return sock:state { full = true }.recvq == n end)
end

-- The wire loses what comes from that host.
local function lose(net, host)
	net.wire:on(function(seg) return seg.from == host and "drop" or nil end)
end

---------------------------------------------------------------- gave_up

-- The server answers the client's probes no more, which end the connection of c.
local function let_probes_end(net, c)
	lose(net, "server")
	c:option("keepidle", 1)
	c:option("keepintvl", 1)
	c:option("keepcnt", 1)
	c:option("keepalive", true)
end

test("gave_up: silent about a segment that was acknowledged after it was sent again", function(net)
	local c, s = pair(net)
	local lost
	net.wire:on(function(seg)
		if seg.len > 0 and not lost then
			lost = true
			return "drop"
		end
	end)
	c:send("hello")
	equal(s:recv("exactly", 5), "hello")
	let_probes_end(net, c)
	equal(explain(c.recv, c, { timeout = 6 }), "silent")
end)

test("gave_up: silent about a segment of another connection", function(net)
	local c, _, l = pair(net)
	local d = net.client:connect("server:80")
	l:accept()
	lose(net, "client")
	d:send("hello")
	check.seen { data = "hello", again = true }
	net.wire:on(nil)
	let_probes_end(net, c)
	equal(explain(c.recv, c, { timeout = 6 }), "silent")
end)

test("gave_up: an acknowledgement that got lost did not come back", function(net)
	local c = pair(net)
	c:option("user_timeout", 300)
	lose(net, "server")
	c:send("hello")
	check.state(c, "CLOSED", 5)
	local name, text = explain(c.recv, c)
	equal(name, "gave_up", text)
	matches(text, "^client sent #4 %(PSH,ACK%) %d times and no acknowledgement of it came back; so the kernel")
end)

test("gave_up: a SYN to which nothing came", function(net)
	net.server:listen(80)
	net.client:sysctl("tcp_syn_retries", 1)
	lose(net, "server")
	local name, text = explain(net.client.connect, net.client, "server:80", { timeout = 9 })
	equal(name, "gave_up", text)
	matches(text, "^client sent #%d+ %(SYN%) 2 times")
end)

---------------------------------------------------------------- refused

test("refused: silent when the RST was injected", function(net)
	net.server:listen(80)
	net.wire:hold()
	local t = spawn(pcall, net.client.connect, net.client, "server:80")
	local syn = check.held { flags = "SYN" }
	inject { from = "server:80", to = syn.from_address, flags = "RST,ACK", seq = 0, ack = 1 }
	net.wire:step("#" .. check.held { flags = "RST,ACK" }.number)
	local _, err = wait(t)
	equal(err.code, "ECONNREFUSED")
	equal(explain(error, err), "silent")
end)

test("refused: silent when the answer was made a RST on the wire", function(net)
	net.server:listen(80)
	net.wire:on(function(seg) if seg.flags == "SYN,ACK" then seg.flags = "RST,ACK" end end)
	equal(explain(net.client.connect, net.client, "server:80"), "silent")
end)

test("refused: a listener on another address of the host is told", function(net)
	net.server:listen("127.0.0.1:80")
	local name, text, advice = explain(net.client.connect, net.client, "server:80")
	equal(name, "refused", text)
	equal(text, "The SYN was answered with RST, because server.l1 listens on 127.0.0.1:80 only (RFC 9293, 3.10.7.1).")
	equal(advice, "server:listen(80), which is on all addresses")
end)

test("refused: silent when somebody listens there, whoever refused it", function(net)
	net.server:sysctl("tcp_abort_on_overflow", 1)
	local l = net.server:listen(80)
	net.wire:on(function(seg) if seg.flags == "SYN,ACK" then seg.flags = "RST,ACK" return "deliver" end end)
	equal(explain(net.client.connect, net.client, "server:80"), "silent")
	l:close()
	net.wire:on(nil)
	equal(explain(net.client.connect, net.client, "server:80"), "refused")
end)

---------------------------------------------------------------- backlog

test("backlog: silent about a connection that is there; that nobody has accepted it is told", function(net)
	net.server:listen(80, { backlog = 0 })
	local c = net.client:connect("server:80")
	c:close()
	local name, text = explain(check.state, c, "TIME_WAIT", 0.1)
	equal(name, "close_wait", text)
end)

test("backlog: one connection waits, two wait", function(net)
	net.server:listen(80, { backlog = 0 })
	net.client:connect("server:80")
	local name, text = explain(connect, net.client, "server:80", { timeout = 0.05 })
	equal(name, "backlog", text)
	matches(text, "is full: 1 connection waits in it, and")
end)

---------------------------------------------------------------- unread, held

test("unread: silent about a listener", function(net)
	local c, s, l = pair(net)
	c:send("hello")
	has_unread(s, 5)
	s:close()
	check.seen { flags = { "has", "RST" } }
	l:close()
	equal(explain(check.state, l, "LISTEN", 0.01), "silent")
end)

test("held: accept waits for a handshake, and not for bytes of another connection", function(net)
	local c, _, l = pair(net)
	net.wire:hold()
	c:send("x")
	check.held { data = "x" }
	equal(explain(net.server.accept, net.server, { timeout = 0.05 }), "silent")
	equal(explain(check.waiting, l, "ESTABLISHED", 0.01), "silent")
	net.wire:continue()
	net.wire:hold()
	spawn(pcall, net.client.connect, net.client, "server:80")
	local syn = check.held { flags = "SYN" }
	local name, text = explain(accept, l, { timeout = 0.05 })
	equal(name, "held", text)
	matches(text, "#" .. syn.number .. " waits on it")
	net.wire:step()
	net.wire:step("#" .. check.held { flags = "SYN,ACK" }.number)
	local ack = check.held { flags = "ACK", from = "client" }
	name, text = explain(net.server.accept, net.server, { timeout = 0.05 })
	equal(name, "held", text)
	matches(text, "#" .. ack.number .. " waits on it: the ACK from client")
end)

---------------------------------------------------------------- close_wait, nagle

test("close_wait: silent when what is expected would not come of the close", function(net)
	local c, s = pair(net)
	c:close()
	check.state(s, "CLOSE_WAIT")
	for _, want in ipairs { "ESTABLISHED", "TIME_WAIT" } do
		equal(explain(check.state, s, want, 0.01), "silent", want)
	end
	equal(explain(check.state, c, "FIN_WAIT_1", 0.01), "silent")
	equal(explain(check.trail, c, "FIN_WAIT_2 -> FIN_WAIT_1", 0.01), "silent")
	equal(explain(check.states, { [c] = "ESTABLISHED", [s] = "LAST_ACK" }, 0.01), "silent")
	equal(explain(check.states, { [c] = "FIN_WAIT_2", [s] = "LAST_ACK" }, 0.01), "close_wait")
	equal(explain(check.trail, c, "FIN_WAIT_2 -> TIME_WAIT", 0.01), "close_wait")
end)

test("close_wait: a recv that waits for the end of the other direction", function(net)
	local _, s = pair(net)
	s:shutdown()
	equal(explain(s.recv, s, { timeout = 0.05 }), "close_wait")
end)

test("nagle: told also when it is the reader who waits", function(net)
	local c, s = pair(net)
	lose(net, "server")
	c:send("a")
	c:send("b")
	local name, text = explain(s.recv, s, "exactly", 2, { timeout = 0.15 })
	equal(name, "nagle", text)
	matches(text, "until 1 byte in flight is acknowledged")
end, { clock = "slow" })

test("nagle: silent when what is in flight was lost", function(net)
	local c, s = pair(net)
	lose(net, "client")
	c:send("a")
	c:send("b")
	equal(explain(s.recv, s, { timeout = 0.15 }), "silent")
end)

tap.done()
