-- lesson.lua - both ends at once: simultaneous open, simultaneous close.

local function syn(from, port, to_port)
	return { from = from, flags = "SYN", sport = port, dport = to_port }
end

local function fin(from)
	return { from = from, flags = has("FIN") }
end

return lesson {
	id = "both", needs = "lab", minutes = 12,
	hosts = { "a", "b" },
	setup = function(net) net.wire:hold() end,

	step {
		id = "call-b",
		done = { segment = syn("a", 1000, 2000) },
		near = { ports = { segment = { from = "a", flags = "SYN" },
			not_ = { segment = syn("a", 1000, 2000) } } },
		solution = { "a connect b:2000 from=1000" },
		wrong = { ports = { "a connect b:2000" }, { "b connect a:1000 from=2000" } },
	},
	step {
		id = "call-a",
		done = { all = { { state = { host = "a", is = "SYN_SENT" } }, { state = { host = "b", is = "SYN_SENT" } },
			{ segment = syn("b", 2000, 1000) } } },
		near = {
			ports = { segment = { from = "b", flags = "SYN" }, not_ = { segment = syn("b", 2000, 1000) } },
			early = { delivered = syn("a", 1000, 2000) },
		},
		solution = { "b connect a:1000 from=2000" },
		wrong = { ports = { "b connect a:1000" }, early = { "step" } },
	},
	predict { id = "crossed", choices = 3, answer = 2 },
	step {
		id = "cross",
		done = { all = { { delivered = syn("a", 1000, 2000) }, { delivered = syn("b", 2000, 1000) } } },
		near = { dropped = { dropped = { flags = "SYN" } } },
		solution = { "step 2" },
		wrong = { dropped = { "drop" }, { "step" } },
	},
	step {
		id = "open",
		done = { all = {
			{ state = { host = "a", is = "ESTABLISHED" } }, { state = { host = "b", is = "ESTABLISHED" } },
			{ not_ = { held = {} } },
		} },
		near = { dropped = { dropped = { flags = has("SYN") } } },
		solution = { "step 4" },
		wrong = { dropped = { "drop" }, { "step" } },
	},
	step {
		id = "close",
		done = { all = { { held = fin("a") }, { held = fin("b") } } },
		near = {
			["one-sided"] = { delivered = { flags = has("FIN") } },
			abort = { called = { command = "abort" } },
		},
		solution = { "close a.c1", "close b.c1" },
		wrong = {
			["one-sided"] = { "close a.c1", "step", "close b.c1" },
			{ "continue", "close a.c1 b.c1" },
			abort = { "abort a.c1" },
			{ "close a.c1" },
		},
	},
	predict { id = "fins", choices = 3, answer = 2 },
	step {
		id = "closing",
		-- On a running wire CLOSING is too short to be in a trail.
		done = { all = { { delivered = fin("a") }, { delivered = fin("b") } } },
		near = { dropped = { dropped = { flags = has("FIN") } } },
		solution = { "step 2" },
		wrong = { dropped = { "drop" }, { "step" } },
	},
	step {
		id = "wait",
		done = { all = { { trail = { host = "a", "TIME_WAIT" } }, { trail = { host = "b", "TIME_WAIT" } } } },
		near = { dropped = { dropped = { flags = "ACK" } } },
		solution = { "step 2" },
		wrong = { dropped = { "drop" }, { "step" } },
	},
}
