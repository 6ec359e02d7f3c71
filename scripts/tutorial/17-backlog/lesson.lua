-- lesson.lua - the two queues of a listener, and what a client sees when the second is full.

local SYN = { from = "client", flags = "SYN", dport = 7788 }
local WAITS = { kind = "waiting", is = "ESTABLISHED" }
local FULL = { kind = "waiting", is = "ESTABLISHED", count = { ">=", 2 } }
-- A client that is still calling, and one that was closed.
local CALLS = { state = { host = "client", is = "SYN_SENT" } }
local CLOSED = { called = { command = any("close", "abort"), kind = "connect" } }

return lesson {
	id = "backlog", needs = "lab", minutes = 10,
	setup = function(net)
		net.server:listen(7788, { backlog = 1 })
		net.wire:hold()
	end,

	step {
		id = "half",
		done = { delivered = SYN },
		near = {
			["wrong-port"] = { segment = { from = "client", flags = "SYN", dport = not_(7788) } },
			dropped = { dropped = SYN },
		},
		solution = { "client connect server:7788", "step" },
		wrong = {
			["wrong-port"] = { "client connect server:80" },
			dropped = { "client connect server:7788", "drop" },
			{ "client connect server:7788" },
		},
	},
	step {
		id = "whole",
		done = { state = WAITS },
		near = { dropped = { dropped = { port = 7788 } } },
		solution = { "step", "step" },
		wrong = { dropped = { "drop" }, { "step" } },
	},
	step {
		id = "full",
		done = { state = FULL },
		near = { accepted = { accepted = {} } },
		solution = { "continue", "client connect server:7788" },
		wrong = { accepted = { "continue", "server accept", "client connect server:7788" }, { "continue" } },
	},
	predict { id = "next", choices = 3, answer = 2 },
	step {
		id = "third",
		done = { all = { { state = { host = "client", is = "SYN_SENT" } }, { state = FULL }, { delivered = SYN } } },
		near = {
			refused = { error = { command = "connect", code = "ECONNREFUSED" } },
			stopped = { error = { command = "connect", code = any("interrupted", "timeout") } },
			accepted = { accepted = {} },
		},
		solution = { "client connect server:7788 &" },
		wrong = {
			stopped = { "client connect server:7788 timeout=0.1" },
			refused = { "client connect server:80" },
			accepted = { "server accept", "client connect server:7788" },
		},
	},
	step {
		id = "again",
		done = {
			segment = { from = "client", flags = "SYN", again = true },
			called = { command = any("trace", "ladder", "explain", "show") },
		},
		solution = { "sleep 2", "trace SYN from client" },
		wrong = { "state" },
	},
	step {
		id = "room",
		done = { accepted = {}, delivered = { from = "server", flags = "SYN,ACK" }, not_ = CALLS },
		near = {
			closed = { all = { CLOSED, CALLS } },
			gone = { all = { CLOSED, { not_ = CALLS } } },
			taken = { all = { { connected = { host = "client" } }, CALLS } },
		},
		solution = { "server accept" },
		takes = 70,
		wrong = {
			closed = { "close client.c1" },
			gone = { "close client.c3" },
			taken = { "server accept", "client connect server:7788" },
			{ "state" },
		},
	},
}
