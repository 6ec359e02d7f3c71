-- lesson.lua - the three-way handshake, one segment at a time.

return lesson {
	id = "handshake", needs = "lab", minutes = 10,
	setup = function(net)
		net.server:listen(7788, { backlog = 5 })
		net.wire:hold()
	end,

	step {
		id = "connect",
		done = { segment = { from = "client", flags = "SYN", dport = 7788 } },
		near = {
			["wrong-port"] = { segment = { from = "client", flags = "SYN", dport = not_(7788) } },
			["wrong-host"] = { segment = { from = "server", flags = "SYN" } },
		},
		solution = { "client connect server:7788" },
		wrong = {
			["wrong-port"] = { "client connect server:80" },
			["wrong-host"] = { "server connect client:7788" },
		},
	},
	step {
		id = "look",
		done = { called = { command = any("show", "explain", "held") } },
		solution = { "show 1" },
		wrong = { "state" },
	},
	predict { id = "after-syn", choices = 3, answer = 2 },
	step {
		id = "deliver-syn",
		done = { delivered = { flags = "SYN", dport = 7788 } },
		near = { dropped = { dropped = { flags = "SYN" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" } },
	},
	step {
		id = "deliver-syn-ack",
		done = { delivered = { flags = "SYN,ACK", sport = 7788 } },
		near = { dropped = { dropped = { flags = "SYN,ACK" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" } },
	},
	step {
		id = "deliver-ack",
		done = { delivered = { flags = "ACK", dport = 7788 } },
		near = { dropped = { dropped = { flags = "ACK" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" } },
	},
}
