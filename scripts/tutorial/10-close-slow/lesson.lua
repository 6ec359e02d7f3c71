-- lesson.lua - the four segments that end a connection, one at a time.

-- On a wire that runs, or with more steps than one, a state is over before it is seen.
local function now(host, is)
	return { state = { host = host, is = is } }
end

return lesson {
	id = "close-slow", needs = "lab", minutes = 10,
	setup = function(net)
		local l = net.server:listen(7788, { backlog = 5 })
		net.client:connect("server:7788")
		l:accept()
		net.wire:hold()
	end,

	step {
		id = "close",
		done = { segment = { from = "client", flags = has("FIN") } },
		near = {
			["server-first"] = { segment = { from = "server", flags = has("FIN") } },
			abort = { segment = { flags = has("RST") } },
			listener = { called = { command = "close", kind = "listen" } },
		},
		solution = { "close client.c1" },
		wrong = {
			["server-first"] = { "close server.s1" },
			abort = { "abort client.c1" },
			listener = { "close server.l1" },
			{ "client.c1 shutdown recv" },
			{ 'client.c1 send "hello"', "step" },
			{ 'client.c1 send "hello"', "step", "close server.s1" },
		},
	},
	predict { id = "after-fin", choices = 3, answer = 1 },
	step {
		id = "deliver-fin",
		done = {
			delivered = { from = "client", flags = has("FIN") },
			segment = { from = "server", flags = "ACK" },
			all = { now("client", "FIN_WAIT_1") },
		},
		near = {
			dropped = { dropped = { from = "client", flags = has("FIN") } },
			ran = { delivered = { from = "client", flags = has("FIN") }, not_ = now("client", "FIN_WAIT_1") },
			crossed = { segment = { from = "server", flags = has("FIN") } },
		},
		solution = { "step" },
		wrong = { dropped = { "drop" }, crossed = { "close server.s1" }, ran = { "step 2" } },
	},
	step {
		id = "deliver-ack",
		done = { trail = { host = "client", "FIN_WAIT_2" } },
		near = { dropped = { dropped = { from = "server", flags = "ACK" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, { "server.s1 recv" } },
	},
	predict { id = "how-long", choices = 3, answer = 3 },
	step {
		id = "close-server",
		-- Who has let the wire run is to see these two as well.
		setup = function(net) net.wire:hold() end,
		done = { segment = { from = "server", flags = has("FIN") }, all = { now("server", "LAST_ACK") } },
		near = {
			ran = { segment = { from = "server", flags = has("FIN") }, not_ = now("server", "LAST_ACK") },
			data = { segment = { from = "server", len = { ">", 0 } } },
			abort = { segment = { from = "server", flags = has("RST") } },
		},
		solution = { "close server.s1" },
		wrong = {
			data = { 'server.s1 send "wait"' },
			abort = { "abort server.s1" },
			ran = { "continue", "close server.s1" },
			{ "server.s1 recv" },
		},
	},
	step {
		id = "deliver-last-fin",
		done = {
			trail = { host = "client", "TIME_WAIT" },
			segment = { from = "client", flags = "ACK" },
			all = { now("server", "LAST_ACK") },
		},
		near = {
			ran = { trail = { host = "client", "TIME_WAIT" }, not_ = now("server", "LAST_ACK") },
			dropped = { dropped = { from = "server", flags = has("FIN") } },
			-- A closed socket does not wait in FIN_WAIT_2 for ever.
			gone = { segment = { from = "client", flags = has("RST") } },
		},
		solution = { "step" },
		wrong = { dropped = { "drop" }, ran = { "step 2" }, gone = false },
	},
	step {
		id = "deliver-last-ack",
		done = { delivered = { from = "client", flags = "ACK" } },
		near = { dropped = { dropped = { from = "client", flags = "ACK" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, { "state" } },
	},
}
