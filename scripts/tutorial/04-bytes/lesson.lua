-- lesson.lua - the stream keeps the order of the bytes, and nothing of how they were sent.

local function is_line(value)
	return type(value) == "string" and value:find("^[^\n]*\n$") ~= nil
end

local function is_more_than_a_line(value)
	return type(value) == "string" and value:find("\n.") ~= nil
end

-- How often the client has sent since the server read last.
local function sends(view)
	local n = 0
	for _, call in ipairs(view:calls()) do
		if call.command == "send" and call.kind == "connect" and not call.code then
			n = n + 1
		elseif call.command == "recv" and call.kind == "accept" then
			n = 0
		end
	end
	return n
end

-- What was read last: an earlier recv has taken all, perhaps.
local function client_reads(view)
	local calls = view:calls()
	local last = calls[#calls]
	return last and last.command == "recv" and last.kind == "connect" and (last.bytes or 0) > 0
end

return lesson {
	id = "bytes", needs = "lo", minutes = 8,
	setup = function()
		local l = listen("127.0.0.1:0")
		connect(l:state { full = true }.local_address)
		accept(l)
	end,

	step {
		id = "send",
		done = function(view) return sends(view) >= 2 end,
		near = {
			read = { recv = { kind = "accept" } },
			one = function(view) return sends(view) == 1 end,
			server = { called = { command = "send", kind = "accept" } },
		},
		solution = { 'send c1 "hello"', 'send c1 "world"' },
		wrong = {
			one = { 'send c1 "helloworld"' },
			read = { 'send c1 "hello"', "recv s1", 'send c1 "world"' },
			server = { 'send s1 "hello"' },
		},
	},
	predict { id = "one-recv", choices = 3, answer = 2 },
	step {
		id = "recv",
		done = { recv = { kind = "accept", bytes = { ">", 0 } }, state = { kind = "accept", recvq = 0 } },
		near = { part = { recv = { kind = "accept", bytes = { ">", 0 } },
			state = { kind = "accept", recvq = { ">", 0 } } } },
		solution = { "recv s1 1024" },
		wrong = {
			{ "recv s1 peek=yes", "state" },
			part = { "recv s1 5" },
		},
	},
	step {
		id = "reply",
		done = { called = { command = "send", kind = "accept" } },
		near = { client = { called = { command = "send", kind = "connect" } } },
		solution = { 'send s1 "thank you !"' },
		wrong = { client = { 'send c1 "thank you !"' } },
	},
	step {
		id = "part",
		done = { test = client_reads, state = { kind = "connect", recvq = { ">", 0 } } },
		near = { all = { test = client_reads, state = { kind = "connect", recvq = 0 } } },
		solution = { "recv c1 5" },
		wrong = {
			{ "state c1" },
			all = { "recv c1 1024", 'send s1 "thank you !"' },
		},
	},
	step {
		id = "line",
		done = { called = { command = "recv", value = is_line, count = { ">=", 2 } } },
		near = {
			first = { called = { command = "recv", value = is_line, count = 1 } },
			chunk = { called = { command = "recv", value = is_more_than_a_line } },
		},
		solution = { 'send c1 "one\\ntwo\\n"', "recv s1 line", "recv s1 line" },
		wrong = {
			first = { 'send c1 "one\\ntwo\\n"', "recv s1 line" },
			chunk = { 'send c1 "one\\ntwo\\n"', "recv s1" },
		},
	},
}
