-- lesson.lua - finding your way at the prompt.

return lesson {
	id = "shell", needs = "lo", minutes = 5, port = 7788,

	step {
		id = "help",
		done = { called = { command = "help" } },
		solution = { "help listen" },
		wrong = { "state" },
	},
	step {
		id = "listen",
		done = { listening = { port = 7788 } },
		near = {
			["other-port"] = { listening = { port = not_(7788) } },
			taken = { error = { command = "listen", code = "EADDRINUSE", message = has(":7788:") } },
		},
		solution = { "listen 7788" },
		wrong = { ["other-port"] = { "listen 7799" } },
	},
	step {
		id = "look",
		done = { called = { command = "state" } },
		solution = { "state" },
		wrong = { "help" },
	},
	step {
		id = "connect",
		done = { connected = { host = "here" } },
		near = { refused = { error = { command = "connect", code = "ECONNREFUSED" } } },
		solution = { 'c1 = connect("127.0.0.1:7788")' },
		wrong = { refused = { "connect 127.0.0.1:7799" } },
	},
	step {
		id = "error",
		done = { error = { command = "connect", code = "ECONNREFUSED" } },
		near = { connected = { connected = {} } },
		solution = { "connect 127.0.0.1:9" },
		wrong = { connected = { "connect 127.0.0.1:7788" } },
	},
	step {
		id = "close",
		done = { called = { command = any("close", "abort"), kind = "connect" } },
		near = { listener = { called = { command = "close", kind = "listen" } } },
		solution = { "close c1" },
		wrong = { listener = { "close l1" } },
	},
}
