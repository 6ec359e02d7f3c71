-- lesson.lua - the article's server and client, call by call.

return lesson {
	id = "first", needs = "lo", minutes = 8, port = 7788,

	step {
		id = "listen",
		done = { listening = { port = 7788 } },
		near = {
			["other-port"] = { listening = { port = not_(7788) } },
			taken = { error = { command = "listen", code = "EADDRINUSE", message = has(":7788:") } },
		},
		solution = { "listen 7788 backlog=5" },
		wrong = { ["other-port"] = { "listen 7789 backlog=5" } },
	},
	step {
		id = "connect",
		done = { any = { { state = { kind = "waiting", is = "ESTABLISHED" } }, { accepted = {} } } },
		near = { refused = { error = { command = "connect", code = "ECONNREFUSED" } } },
		solution = { "connect 127.0.0.1:7788" },
		wrong = { refused = { "connect 127.0.0.1:7789" }, { "state" } },
	},
	step {
		id = "accept",
		done = { accepted = {} },
		solution = { "accept" },
		wrong = { "state" },
	},
	step {
		id = "send",
		done = { called = { command = "send", kind = "connect" } },
		near = { server = { called = { command = "send", kind = "accept" } } },
		solution = { 'send c1 "hello"' },
		wrong = { server = { 'send s1 "hello"' } },
	},
	step {
		id = "recv",
		done = { recv = { kind = "accept", bytes = { ">", 0 } } },
		solution = { "recv s1 1024" },
		wrong = { "state s1" },
	},
	step {
		id = "reply",
		done = { called = { command = "send", kind = "accept" } },
		near = { client = { called = { command = "send", kind = "connect" } } },
		solution = { 'send s1 "thank you !"' },
		wrong = { client = { 'send c1 "thank you !"' } },
	},
	step {
		id = "answer",
		done = { recv = { kind = "connect", bytes = { ">", 0 } } },
		solution = { "recv c1 1024" },
		wrong = { "state c1" },
	},
	predict { id = "after-close", choices = 3, answer = 2 },
	step {
		id = "close-server",
		-- Where the client was first the states are others, and the question has another answer.
		done = { trail = { kind = "accept", "FIN_WAIT_2" } },
		near = {
			client = { trail = { kind = "connect", "FIN_WAIT_2" } },
			listener = { called = { command = "close", kind = "listen" } },
			abort = { called = { command = "abort" } },
		},
		solution = { "close s1" },
		wrong = {
			client = { "close c1", "close s1" },
			listener = { "close l1" },
			abort = { "abort s1" },
		},
	},
	step {
		id = "close-client",
		done = { called = { command = "close", kind = "connect" } },
		near = { listener = { called = { command = "close", kind = "listen" } } },
		solution = { "close c1" },
		wrong = { listener = { "close l1" } },
	},
	step {
		id = "close-listener",
		done = { not_ = { listening = {} } },
		solution = { "close l1" },
		wrong = { "state" },
	},
}
