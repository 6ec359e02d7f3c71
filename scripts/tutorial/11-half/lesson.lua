-- lesson.lua - half-close: shutdown ends one direction, close gives up both.

return lesson {
	id = "half", needs = "lab", minutes = 10,
	setup = function(net)
		local l = net.server:listen(7788, { backlog = 5 })
		net.client:connect("server:7788")
		l:accept()
	end,

	step {
		id = "ask",
		done = { all = {
			{ called = { command = "send", kind = "connect" } },
			{ called = { command = "shutdown", kind = "connect" } },
			{ trail = { host = "client", "FIN_WAIT_2" } },
		} },
		near = {
			closed = { called = { command = "close", kind = "connect" } },
			server = { called = { command = any("shutdown", "close"), kind = "accept" } },
			["too-early"] = { error = { command = "send", kind = "connect", code = "EPIPE" } },
			["other-side"] = {
				called = { command = "shutdown", kind = "connect" },
				not_ = { trail = { host = "client", "FIN_WAIT_1" } },
			},
		},
		solution = { 'send client.c1 "What is TCP?"', "shutdown client.c1" },
		wrong = {
			closed = { 'send client.c1 "What is TCP?"', "close client.c1" },
			server = { "shutdown server.s1" },
			["too-early"] = { "shutdown client.c1", 'send client.c1 "What is TCP?"' },
			["other-side"] = { 'send client.c1 "What is TCP?"', "shutdown client.c1 recv" },
			{ 'send client.c1 "What is TCP?"' },
		},
	},
	step {
		id = "read",
		done = { recv = { kind = "accept", eof = true } },
		near = { client = { error = { command = "recv", kind = "connect" } } },
		solution = { "recv server.s1", "recv server.s1" },
		wrong = { client = { "recv client.c1 timeout=0.05" }, { "recv server.s1" } },
	},
	predict { id = "may-answer", choices = 3, answer = 2 },
	step {
		id = "reply",
		done = {
			called = { command = "send", kind = "accept" },
			delivered = { from = "server", len = { ">", 0 } },
			not_ = { segment = { flags = has("RST") } },
		},
		near = {
			client = { error = { command = "send", kind = "connect", code = "EPIPE" } },
			closed = { segment = { from = "server", flags = has("FIN") } },
			reset = { segment = { flags = has("RST") } },
		},
		solution = { 'send server.s1 "A protocol."' },
		wrong = {
			client = { 'send client.c1 "Well?"' },
			closed = { "close server.s1" },
			reset = { "shutdown client.c1 both", 'send server.s1 "A protocol."' },
			{ "state" },
		},
	},
	step {
		id = "answer",
		done = { recv = { kind = "connect", bytes = { ">", 0 } } },
		near = {
			server = { recv = { kind = "accept", eof = true } },
		},
		solution = { "recv client.c1" },
		wrong = { server = { "recv server.s1" } },
	},
	step {
		id = "too-late",
		done = { error = { command = "send", kind = "connect", code = "EPIPE" } },
		near = { server = { called = { command = "send", kind = "accept" } } },
		solution = { 'send client.c1 "Why?"' },
		wrong = { server = { 'send server.s1 "Why not?"' } },
	},
	step {
		id = "close-server",
		done = { trail = { host = "client", "TIME_WAIT" } },
		near = {
			client = {
				called = { command = "close", kind = "connect" },
				not_ = { segment = { flags = has("RST") } },
			},
			reset = { segment = { flags = has("RST") } },
		},
		solution = { "close server.s1" },
		wrong = { client = { "close client.c1" }, reset = { "abort server.s1" } },
	},
	step {
		id = "compare",
		setup = function(net)
			local c = net.client:connect("server:7788")
			net.server:accept()
			c:close()
		end,
		done = { segment = { from = "client", flags = has("RST") } },
		near = { closed = { segment = { from = "server", flags = has("FIN") } } },
		solution = { 'send server.s2 "A protocol."' },
		wrong = { closed = { "close server.s2" }, { "recv server.s2" } },
	},
}
