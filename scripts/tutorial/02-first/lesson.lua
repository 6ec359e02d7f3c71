-- lesson.lua - the article's server and client, call by call.

local listens = { listening = { port = 7788, backlog = 5 } }
local SOME = { ">", 0 }

-- What is left unread makes close send RST.
local function all_read(kind)
	return { recv = { kind = kind, bytes = SOME }, state = { kind = kind, recvq = 0 } }
end

local function part_read(kind)
	return { recv = { kind = kind, bytes = SOME }, state = { kind = kind, recvq = SOME } }
end

-- Has the client read since the server's answer to what it had sent?
local function answered(view)
	local asked, replied, got
	for _, call in ipairs(view.facts.all_calls) do
		local sent = call.command == "send" and not call.code
		asked = asked or sent and call.kind == "connect"
		replied = replied or asked and sent and call.kind == "accept"
		got = got or replied and call.command == "recv" and call.kind == "connect" and (call.bytes or 0) > 0
	end
	return got
end

-- Closed at the same moment as the other end, a socket is never seen in FIN_WAIT_2.
local function first_to_close(kind)
	return { any = { { trail = { kind = kind, "FIN_WAIT_2" } }, { trail = { kind = kind, "TIME_WAIT" } } } }
end

return lesson {
	id = "first", needs = "lo", minutes = 8, port = 7788,

	step {
		id = "listen",
		done = listens,
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
		done = { state = { kind = any("waiting", "accept"), is = "ESTABLISHED", port = 7788 } },
		near = {
			refused = { error = { command = "connect", code = "ECONNREFUSED" } },
			other = { state = { kind = "waiting", port = not_(7788) } },
		},
		solution = { "connect 127.0.0.1:7788" },
		wrong = {
			refused = { "connect 127.0.0.1:7789" },
			other = { "listen 7789", "connect 127.0.0.1:7789" },
			{ "state" },
		},
	},
	step {
		id = "accept",
		done = { state = { kind = "accept", port = 7788 } },
		near = {
			which = { error = { command = "accept", message = has("which listener") } },
			other = { state = { kind = "accept", port = not_(7788) } },
		},
		solution = { "accept" },
		wrong = {
			which = { "listen 7789", "accept" },
			other = { "listen 7789", "connect 7789", "accept l2" },
			{ "state" },
		},
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
		done = all_read("accept"),
		near = { part = part_read("accept") },
		solution = { "recv s1 1024" },
		wrong = { part = { "recv s1 2" }, { "state s1" } },
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
		done = { test = answered, state = { kind = "connect", recvq = 0 } },
		near = { part = part_read("connect") },
		solution = { "recv c1 1024" },
		wrong = { part = { "recv c1 5" }, { "state c1" } },
	},
	predict { id = "after-close", choices = 3, answer = 2 },
	step {
		id = "close-server",
		-- Where the client was first the states are others, and the question has another answer.
		done = first_to_close("accept"),
		near = {
			client = first_to_close("connect"),
			unread = { called = { command = "close", kind = "accept" }, trail = { kind = "accept", "CLOSED" },
				not_ = { trail = { kind = "connect", "FIN_WAIT_1" } } },
			listener = { called = { command = "close", kind = "listen" } },
			abort = { called = { command = "abort" } },
		},
		solution = { "close s1" },
		wrong = {
			client = { "close c1 s1" },
			unread = { 'send c1 "wait"', "close s1" },
			{ "close c1", "close s1" },
			listener = { "close l1" },
			abort = { "abort s1" },
		},
	},
	step {
		id = "close-client",
		done = { trail = { kind = "accept", "TIME_WAIT" } },
		near = {
			listener = { called = { command = "close", kind = "listen" } },
			reset = { called = { command = any("close", "abort"), kind = "connect" },
				not_ = { state = { kind = "accept", is = "TIME_WAIT" } } },
		},
		solution = { "close c1" },
		wrong = { listener = { "close l1" }, reset = { "abort c1" } },
	},
	step {
		id = "close-listener",
		done = { not_ = { listening = { port = 7788 } } },
		near = { other = { called = { command = "close", kind = "listen" }, listening = { port = 7788 } } },
		solution = { "close l1" },
		wrong = { other = { "listen 7789", "close l2" }, { "state" } },
	},
}
