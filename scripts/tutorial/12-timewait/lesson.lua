-- lesson.lua - TIME_WAIT keeps a server's port, and what SO_REUSEADDR does about it.

-- Closed by one line, the two ends are through before FIN_WAIT_2 is seen.
local function first_to_close(kind)
	return { any = { { trail = { kind = kind, "FIN_WAIT_2" } }, { trail = { kind = kind, "TIME_WAIT" } } } }
end

return lesson {
	id = "timewait", needs = "lo", minutes = 8, port = 7788,
	setup = function(net)
		local l = listen(net.port)
		connect(net.port)
		l:accept()
	end,

	step {
		id = "close",
		done = { trail = { kind = "accept", "TIME_WAIT" } },
		near = {
			["client-first"] = first_to_close("connect"),
			abort = { called = { command = "abort" } },
			listener = { called = { command = "close", kind = "listen" } },
		},
		solution = { "close s1", "close c1" },
		wrong = {
			["client-first"] = { "close c1", "close s1" },
			{ "close c1 s1" },
			abort = { "abort s1" },
			listener = { "close l1" },
			{ "close s1" },
		},
	},
	step {
		id = "stop",
		done = { not_ = { listening = { port = 7788 } } },
		near = { still = { error = { command = "listen", code = "EADDRINUSE" } } },
		solution = { "close l1" },
		wrong = { still = { "listen 7788 reuse=no" }, { "state" } },
	},
	predict { id = "again", choices = 3, answer = 2 },
	step {
		id = "no-reuse",
		done = {
			error = { command = "listen", code = "EADDRINUSE" },
			not_ = { listening = { port = 7788 } },
		},
		near = {
			over = { listening = { port = 7788 }, not_ = { state = { is = "TIME_WAIT" } } },
			reuse = { listening = { port = 7788 }, state = { is = "TIME_WAIT" } },
			["other-port"] = { listening = { port = not_(7788) } },
		},
		solution = { "listen 7788 reuse=no" },
		wrong = { reuse = { "listen 7788" }, ["other-port"] = { "listen 7790 reuse=no" }, over = false },
	},
	step {
		id = "reuse",
		done = { listening = { port = 7788 } },
		near = {
			still = { error = { command = "listen", code = "EADDRINUSE" } },
			["other-port"] = { listening = { port = not_(7788) } },
		},
		solution = { "listen 7788" },
		wrong = { still = { "listen 7788 reuse=no" }, ["other-port"] = { "listen 7790" } },
	},
	step {
		id = "connect",
		done = { accepted = {} },
		near = { refused = { error = { command = "connect", code = "ECONNREFUSED" } } },
		solution = { "connect 127.0.0.1:7788", "accept" },
		wrong = { refused = { "connect 127.0.0.1:7790" }, { "connect 127.0.0.1:7788" } },
	},
	step {
		id = "client-first",
		done = { trail = { kind = "connect", "TIME_WAIT" } },
		near = { ["server-first"] = first_to_close("accept") },
		solution = { "close c2", "close s2" },
		wrong = { ["server-first"] = { "close s2 c2" }, { "close s2", "close c2" }, { "close c2" } },
	},
}
