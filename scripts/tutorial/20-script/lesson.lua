-- lesson.lua - a session becomes a script, and the script a test.

-- The runner's own waits count as calls of test without a file.
local PASSED = { called = { command = "test", argument = true } }
-- It ran, and a check of it failed.
local FAILED = { error = { command = "test", message = has("not all scenarios") } }
local NOT_RUN = { error = { command = "test", message = has("not run") } }

local HERE = { listening = { host = "here" } }

local function saved(expect)
	return function(view)
		for _, call in ipairs(view:calls()) do
			if call.command == "history" and call.argument == "save" and not call.code
				and not call.args.expect == not expect then
				return true
			end
		end
		return false
	end
end

-- The learner makes the lab: a script has to contain that line, too.
local function empty_stage()
	lab("off")
end

return lesson {
	id = "script", needs = "lab", minutes = 10, writes = "lesson20.lua",
	setup = empty_stage,

	step {
		id = "session",
		-- A listener here comes into the script, and then its port is taken.
		done = { accepted = { host = not_("here") }, not_ = HERE },
		near = { open = { all = { { accepted = { host = not_("here") } }, HERE } }, here = HERE },
		solution = {
			"lab client server", "server listen 7788", "client connect server:7788", "server accept",
		},
		wrong = {
			here = { "listen 0" },
			open = {
				"listen 0", "lab client server", "server listen 7788", "client connect server:7788", "server accept",
			},
			{ "lab client server", "server listen 7788" },
		},
	},
	step {
		id = "talk",
		done = { recv = { kind = "accept", bytes = { ">", 0 } }, trail = { kind = "accept", "CLOSE_WAIT" } },
		near = {
			abort = { called = { command = "abort" } },
			server = { trail = { kind = "connect", "CLOSE_WAIT" } },
		},
		solution = { 'client.c1 send "hello"', "server.s1 recv 5", "client.c1 close" },
		wrong = {
			abort = { "abort client.c1" },
			server = { 'client.c1 send "hello"', "server.s1 recv 5", "server.s1 close" },
			{ 'client.c1 send "hello"', "server.s1 recv 5" },
		},
	},
	step {
		id = "save",
		done = saved(true),
		near = {
			plain = saved(false),
			exists = { error = { command = "history", code = "EEXIST" } },
			denied = { error = { command = "history", code = not_(any("EEXIST", "usage")) } },
		},
		solution = { "history save lesson20.lua expect=yes force=yes" },
		wrong = {
			denied = { "history save /proc/lesson20.lua expect=yes" },
			exists = { "history save /etc/passwd expect=yes" },
			plain = { "history save lesson20.lua" },
			{ "history" },
			{ "history save" },
		},
	},
	predict { id = "how", choices = 3, answer = 2 },
	step {
		id = "test",
		done = PASSED,
		near = { failed = FAILED, missing = NOT_RUN },
		solution = { "test lesson20.lua" },
		wrong = {
			failed = { 'io.open("lesson20.lua", "w"):close()', "test lesson20.lua" },
			missing = { "test nosuch.lua" },
		},
	},
	step {
		id = "fail",
		done = FAILED,
		near = { ok = PASSED, missing = NOT_RUN },
		solution = {
			'f = io.open("lesson20.lua", "a")',
			[[f:write('check.state(c1, "ESTABLISHED", 1)\n') f:close()]],
			"test lesson20.lua",
		},
		wrong = { ok = { "test lesson20.lua" }, missing = { "test nosuch.lua" } },
	},
}
