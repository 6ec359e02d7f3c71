-- lesson.lua - a server that forgets to close: find the connections, and cure them.

-- Five clients were served; 1, 2 and 4 have gone. The server has closed one of those.
local function play_the_server()
	local l = listen(0)
	local c, s = {}, {}
	for i = 1, 5 do
		c[i] = connect("127.0.0.1:" .. l:state { full = true }.local_address:match(":(%d+)$"))
		s[i] = accept(l)
		c[i]:send("question")
		s[i]:recv("exactly", 8)
		s[i]:send("answer")
		c[i]:recv("exactly", 6)
	end
	for _, i in ipairs { 1, 2, 4 } do
		c[i]:close()
		-- The ACK of the FIN may take its time.
		repeat sleep(0.01) until c[i]:state() == "FIN_WAIT_2"
	end
	s[1]:recv(100)
	s[1]:close()
end

local LEAK = { state = { kind = "accept", is = "CLOSE_WAIT" } }
local ABORTED = { called = { command = "abort" } }

-- Was a server's end closed after its end of stream was read, or before?
local function closed(after_eof)
	return function(view)
		local eof = {}
		for _, call in ipairs(view:calls()) do
			if call.kind == "accept" and not call.code then
				if call.command == "recv" and call.value == nil then
					eof[call.socket] = true
				elseif call.command == "close" and not eof[call.socket] == not after_eof then
					return true
				end
			end
		end
		return false
	end
end

return lesson {
	id = "leak", needs = "lo", minutes = 8,
	setup = play_the_server,

	step {
		id = "look",
		done = { called = { command = "state", socket = false } },
		near = { one = { called = { command = "state", socket = true } } },
		solution = { "state" },
		wrong = { one = { "state s2" }, { "help state" } },
	},
	predict { id = "whose", choices = 3, answer = 2 },
	step {
		id = "read",
		done = { recv = { kind = "accept", eof = true } },
		near = {
			client = { any = {
				{ called = { command = "recv", kind = "connect" } },
				{ error = { command = "recv", kind = "connect" } },
			} },
			waits = { error = { command = "recv", kind = "accept" } },
		},
		solution = { "recv s2" },
		wrong = { client = { "recv c2" }, waits = { "recv s3 timeout=0.1" }, { "state s2" } },
	},
	predict { id = "long", choices = 3, answer = 3 },
	step {
		id = "timer",
		done = { called = { command = "state", kind = "accept" } },
		solution = { "state s2" },
		wrong = { "help CLOSE_WAIT" },
	},
	step {
		id = "close",
		done = { all = { { not_ = LEAK }, { not_ = ABORTED } } },
		near = {
			abort = ABORTED,
			used = { any = { { trail = { "FIN_WAIT_1" } }, { trail = { "FIN_WAIT_2" } } } },
		},
		solution = { "close s2", "close s4" },
		wrong = { abort = { "abort s2", "abort s4" }, used = { "close s3" }, { "close s2" } },
	},
	step {
		id = "loop",
		done = { all = {
			{ trail = { kind = "accept", "CLOSE_WAIT" } },
			closed(true),
			{ not_ = LEAK },
		} },
		near = { unread = closed(false) },
		solution = { "close c3", "while recv(s3) do end close(s3)" },
		wrong = {
			unread = { "close c3", "close s3" },
			{ "close c3" },
			{ "close c3", "recv s3" },
		},
	},
}
