-- lesson.lua - each direction is closed by itself, and who closes first waits in TIME_WAIT.

-- Closed by one line, the two ends are through before FIN_WAIT_2 is seen.
local function first_to_close(socket)
	return { any = { { trail = { socket = socket, "FIN_WAIT_2" } }, { trail = { socket = socket, "TIME_WAIT" } } } }
end

return lesson {
	id = "goodbye", needs = "lo", minutes = 8,
	setup = function()
		local l = listen("127.0.0.1:0")
		for _ = 1, 2 do
			connect(l:state { full = true }.local_address)
			accept(l)
		end
	end,

	step {
		id = "first",
		done = { trail = { socket = "c1", "FIN_WAIT_2" } },
		near = {
			both = { trail = { socket = "c1", "TIME_WAIT" } },
			server = first_to_close("s1"),
			pair = first_to_close(any("c2", "s2")),
			listener = { called = { command = "close", kind = "listen" } },
			abort = { called = { command = "abort" } },
		},
		solution = { "close c1" },
		wrong = {
			server = { "close s1" },
			both = { "close c1 s1" },
			pair = { "close c2" },
			listener = { "close l1" },
			abort = { "abort c1" },
		},
	},
	step {
		id = "eof",
		-- A server that closes without reading has gone one step further.
		done = { any = { { recv = { socket = "s1", eof = true } }, { trail = { socket = "c1", "TIME_WAIT" } } } },
		-- A closed end answers data with RST; one that is only shut down takes it.
		near = { send = { called = { command = "send", socket = "s1" }, state = { socket = "s1", is = "CLOSED" } } },
		solution = { "recv s1" },
		wrong = {
			{ "state s1" },
			send = { 'send s1 "wait"' },
		},
	},
	predict { id = "who-waits", choices = 3, answer = 1 },
	step {
		id = "second",
		done = { trail = { socket = "c1", "TIME_WAIT" } },
		near = {
			-- The kernel gives up a FIN_WAIT_2 without a socket after a minute.
			late = { called = { command = "close", socket = "s1" }, not_ = { state = { socket = "c1" } } },
			abort = { called = { command = "abort", socket = "s1" } },
			send = { called = { command = "send", socket = "s1" }, state = { socket = "s1", is = "CLOSED" } },
		},
		solution = { "close s1" },
		wrong = {
			late = false,
			{ "shutdown s1 recv" },
			abort = { "abort s1" },
			send = { 'send s1 "wait"' },
		},
	},
	step {
		id = "look",
		-- After a minute it is gone, and that is right too.
		done = { called = { command = "state" },
			not_ = { state = { socket = "c1", is = any("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2") } } },
		solution = { "state" },
		wrong = { "help TIME_WAIT" },
	},
	step {
		id = "swap",
		done = { trail = { socket = "s2", "TIME_WAIT" } },
		near = {
			client = first_to_close("c2"),
			late = { called = { command = "close", socket = "c2" }, not_ = { state = { socket = any("c2", "s2") } } },
		},
		solution = { "close s2", "close c2" },
		wrong = {
			{ "close s2" },
			{ "close c2", "close s2" },
			client = { "close c2 s2" },
			late = false,
		},
	},
}
