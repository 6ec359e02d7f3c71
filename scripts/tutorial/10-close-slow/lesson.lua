-- lesson.lua - the four segments that end a connection, one at a time.

-- What comes of a segment is held: on a wire that runs, or with more steps than one, a state is over before it is
-- seen.
local CLIENT_FIN, SERVER_FIN = { from = "client", flags = has("FIN") }, { from = "server", flags = has("FIN") }
local CLIENT_ACK, SERVER_ACK = { from = "client", flags = "ACK" }, { from = "server", flags = "ACK" }

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
		done = { segment = CLIENT_FIN },
		near = {
			["server-first"] = { segment = SERVER_FIN },
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
		done = { delivered = CLIENT_FIN, held = SERVER_ACK },
		near = {
			dropped = { dropped = CLIENT_FIN },
			ran = { all = { { delivered = CLIENT_FIN }, { delivered = SERVER_ACK } } },
			crossed = { segment = SERVER_FIN },
		},
		solution = { "step" },
		wrong = { dropped = { "drop" }, crossed = { "close server.s1" }, ran = { "continue" } },
	},
	step {
		id = "deliver-ack",
		done = { trail = { host = "client", "FIN_WAIT_2" }, not_ = { segment = SERVER_FIN } },
		near = { dropped = { dropped = SERVER_ACK }, early = { segment = SERVER_FIN } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, early = { "close server.s1", "step" }, { "server.s1 recv" } },
	},
	predict { id = "how-long", choices = 3, answer = 3 },
	step {
		id = "close-server",
		-- Who has let the wire run is to see these two as well.
		setup = function(net) net.wire:hold() end,
		done = { held = SERVER_FIN },
		near = {
			ran = { delivered = SERVER_FIN },
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
		done = { delivered = SERVER_FIN, held = CLIENT_ACK },
		near = {
			ran = { all = { { delivered = SERVER_FIN }, { delivered = CLIENT_ACK } } },
			dropped = { dropped = SERVER_FIN },
			-- A closed socket does not wait in FIN_WAIT_2 for ever.
			gone = { segment = { from = "client", flags = has("RST") } },
		},
		solution = { "step" },
		wrong = { dropped = { "drop" }, ran = { "continue" }, gone = false },
	},
	step {
		id = "deliver-last-ack",
		done = { delivered = CLIENT_ACK },
		near = { dropped = { dropped = CLIENT_ACK } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, { "state" } },
	},
}
