-- lesson.lua - finding your way at the prompt.

-- A command's help begins with its usage.
local function is_of_command(text)
	local word = type(text) == "string" and text:match("^(%l+)%f[%W]")
	return word and _ENV[word] ~= nil
end

local function is_other(text)
	return not is_of_command(text)
end

return lesson {
	id = "shell", needs = "lo", minutes = 5, port = 7788,

	step {
		id = "help",
		done = { called = { command = "help", value = is_of_command } },
		near = { other = { called = { command = "help", value = is_other } } },
		solution = { "help listen" },
		wrong = { other = { "help" }, { "help LISTEN" }, { "state" } },
	},
	step {
		id = "listen",
		done = { listening = { port = 7788 } },
		near = {
			["other-port"] = { listening = { port = not_(7788) } },
			taken = { error = { command = "listen", code = "EADDRINUSE", message = has(":7788:") } },
		},
		solution = { "listen 7788" },
		wrong = {
			["other-port"] = { "listen 7799" },
			taken = { "connect(listen(0).port, {from = 7788})", "listen 7788 reuse=no" },
		},
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
		done = { trail = { kind = "connect", "FIN_WAIT_2" } },
		near = {
			listener = { called = { command = "close", kind = "listen" }, state = { kind = "connect", is = "CLOSED" } },
			abort = { called = { command = "abort", kind = "connect" } },
		},
		solution = { "close c1" },
		wrong = { listener = { "close l1", "close c1" }, abort = { "abort c1" } },
	},
}
