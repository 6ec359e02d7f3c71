-- lesson.lua - the kernel shakes hands by itself; accept only takes what is done.

local END_CLOSED = { called = { command = any("close", "abort"), kind = any("accept", "connect") } }

return lesson {
	id = "queue", needs = "lo", minutes = 8, port = 7788,

	step {
		id = "listen",
		done = { listening = { port = 7788, backlog = 5 } },
		near = {
			["other-port"] = { listening = { port = not_(7788) } },
			backlog = { listening = { port = 7788, backlog = not_(5) } },
			taken = { error = { command = "listen", code = "EADDRINUSE", message = has(":7788:") } },
		},
		solution = { "listen 7788 backlog=5" },
		wrong = {
			["other-port"] = { "listen 7789 backlog=5" },
			backlog = { "listen 7788" },
			taken = { "connect(listen(0).port, {from = 7788})", "listen 7788 reuse=no" },
		},
	},
	step {
		id = "connect",
		done = { state = { kind = any("waiting", "accept"), is = "ESTABLISHED", count = { ">=", 2 } } },
		near = {
			one = { state = { kind = any("waiting", "accept"), is = "ESTABLISHED", count = 1 } },
			refused = { error = { command = "connect", code = "ECONNREFUSED" } },
		},
		solution = { "connect 127.0.0.1:7788", "connect 127.0.0.1:7788" },
		wrong = {
			one = { "connect 127.0.0.1:7788" },
			refused = { "connect 127.0.0.1:7789" },
		},
	},
	step {
		id = "send",
		done = { called = { command = "send", kind = "connect", socket = "c1" } },
		near = { second = { called = { command = "send", kind = "connect", socket = not_("c1") } } },
		solution = { 'send c1 "early"' },
		wrong = { second = { 'send c2 "early"' } },
	},
	predict { id = "before-accept", choices = 3, answer = 2 },
	step {
		id = "look",
		done = {
			called = { command = "state", socket = false },
			state = { kind = any("waiting", "accept"), count = { ">=", 2 } },
		},
		near = { one = { called = { command = "state", socket = true } } },
		solution = { "state" },
		wrong = { one = { "state l1" } },
	},
	step {
		id = "accept",
		done = { recv = { kind = "accept", bytes = { ">", 0 } } },
		near = {
			both = { not_ = { state = { kind = "waiting" } } },
			client = { called = { command = "send", kind = "accept" } },
		},
		solution = { "accept", "recv s1" },
		wrong = {
			{ "accept" },
			both = { "accept", "accept" },
			client = { "accept", 'send s1 "hello"' },
		},
	},
	predict { id = "after-close", choices = 3, answer = 3 },
	step {
		id = "close",
		done = {
			called = { command = "close", kind = "listen" },
			trail = { kind = "connect", "CLOSED" },
			not_ = END_CLOSED,
		},
		near = {
			accepted = END_CLOSED,
			empty = { called = { command = "close", kind = "listen" }, not_ = { trail = { kind = "connect", "CLOSED" } } },
		},
		solution = { "close l1" },
		wrong = {
			{ "state" },
			accepted = { "close c1" },
			{ "abort s1", "accept", "close l1" },
			{ "close c2", "close l1" },
			empty = { "accept", "close l1" },
		},
	},
}
