-- lesson.lua - two economies that wait for each other: Nagle and the delayed ACK.

local DATA = { from = "client", len = { ">", 0 } }

-- Below the 40 ms of the kernel's shortest delay, above what an ACK at once takes.
local LATE = 0.03

local function from_client(segments)
	local out = {}
	for _, seg in ipairs(segments) do
		if seg.from == "client" and seg.len > 0 then
			out[#out + 1] = seg
		end
	end
	return out
end

-- How many bytes the program had sent before that segment, and the kernel had not.
local function kept_back(view, number)
	local bytes = 0
	for _, call in ipairs(view:calls()) do
		if call.command == "send" and call.host == "client" and not call.code and call.after < number then
			bytes = bytes + call.value
		end
	end
	for _, seg in ipairs(from_client(view:segments())) do
		bytes = bytes - (seg.number < number and seg.len or 0)
	end
	return bytes
end

-- At least two bytes were sent by the program, in one call or in several, and not by the kernel.
local function waits(in_one)
	return function(view)
		local n = 0
		for _, call in ipairs(view:calls()) do
			if call.command == "send" and call.host == "client" and not call.code then
				n = n + 1
			end
		end
		return kept_back(view, math.huge) >= 2 and (n == 1) == in_one
	end
end

-- The first segment of the server's that acknowledges this one.
local function answer_to(seg, segments)
	for number = seg.number + 1, #segments do
		local other = segments[number]
		if other.from == "server" and other.ack >= seg.seq + seg.len then
			return other
		end
	end
end

-- The ACKs that came late for data that was delivered.
local function late_acks(view)
	local times, out = view:times(), {}
	for _, seg in ipairs(from_client(view:moved("delivered"))) do
		local answer = answer_to(seg, view.facts.segments)
		if answer and times.sent[answer.number] - times.delivered[seg.number] > LATE then
			out[#out + 1] = answer
		end
	end
	return out
end

local function ack_late(view)
	return #late_acks(view) > 0
end

-- Data waited for an ACK that was late, and went when that was there.
local function paused(view)
	local data = from_client(view:segments())
	local last = data[#data]
	for _, ack in ipairs(late_acks(view)) do
		if last and last.number > ack.number and kept_back(view, ack.number) > 0 then
			return true
		end
	end
	return false
end

local function two_segments(view)
	return #from_client(view:segments()) >= 2
end

local function option(value)
	return { called = { command = "option", host = value and "client" or "server", value = value } }
end

-- The call that has set the server's quickack last, or nil.
local function last_set(view)
	local last
	for _, call in ipairs(view:calls()) do
		last = call.command == "option" and call.host == "server" and not call.code and call or last
	end
	return last
end

-- Nobody has made the server quick again.
local function patient(view)
	local last = last_set(view)
	return not last or last.value == false
end

-- Two were sent since the server was made patient.
local function two_to_patient(view)
	local last, n = last_set(view), 0
	for _, seg in ipairs(last and last.value == false and from_client(view:segments()) or {}) do
		n = n + (seg.number > last.after and 1 or 0)
	end
	return n >= 2
end

-- "bc" is on the wire, and must stay there for the question.
local HELD, ARRIVED = { held = DATA }, { delivered = { from = "client", len = { ">", 1 } } }

return lesson {
	id = "nagle", needs = "lab", minutes = 12,
	setup = function(net)
		net.server:listen(7788)
		net.client:connect("server:7788")
		net.server:accept()
		net.wire:hold()
	end,

	step {
		id = "first",
		done = { segment = DATA },
		near = { server = { called = { command = "send", host = "server" } } },
		solution = { 'client.c1 send "a"' },
		wrong = { server = { 'server.s1 send "a"' } },
	},
	predict { id = "second", choices = 3, answer = 2 },
	step {
		id = "more",
		done = { test = waits(false) },
		near = { went = { segment = DATA }, once = { test = waits(true) } },
		solution = { 'client.c1 send "b"', 'client.c1 send "c"' },
		wrong = {
			went = { "option client.c1 nodelay yes", 'client.c1 send "b"', 'client.c1 send "c"' },
			once = { 'client.c1 send "bc"' },
			{ "state" },
		},
	},
	step {
		id = "ack",
		done = { held = { from = "client", len = { ">", 1 } } },
		near = {
			dropped = { any = { { dropped = DATA }, { dropped = { from = "server" } } } },
			ran = ARRIVED,
		},
		solution = { "step", "step" },
		wrong = { dropped = { "drop" }, ran = { "continue" }, { "step" } },
	},
	step {
		id = "patient",
		done = { all = { option(false), HELD } },
		near = {
			client = { called = { command = "option", host = "client", value = false } },
			ran = ARRIVED,
		},
		solution = { "option server.s1 quickack no" },
		wrong = {
			client = { "option client.c1 quickack no" },
			ran = { "continue", "option server.s1 quickack no" },
			{ "option server.s1 quickack" },
		},
	},
	predict { id = "when", choices = 3, answer = 2 },
	step {
		id = "late",
		done = { all = { ack_late, patient, { called = { command = "trace" } } } },
		near = {
			quick = { delivered = DATA, segment = { from = "server", flags = "ACK" },
				test = function(view) return not (ack_late(view) and patient(view)) end },
			dropped = { dropped = DATA },
		},
		solution = { "step", "sleep 0.1", "trace events=yes last=2" },
		wrong = {
			dropped = { "drop" },
			quick = { "option server.s1 quickack yes", "step", "trace events=yes" },
		},
	},
	step {
		id = "both",
		done = { all = { option(false), { called = { command = "trace" } }, paused } },
		near = {
			quick = { all = { { not_ = option(false) }, two_segments } },
			apart = { all = { two_to_patient, { not_ = { test = paused } } } },
		},
		solution = {
			"continue", "option server.s1 quickack no",
			'client.c1:send("head") client.c1:send("body")', "sleep 0.1", "trace events=yes last=4",
		},
		wrong = {
			quick = { "continue", "sleep 0.1", 'client.c1:send("head") client.c1:send("body")', "trace events=yes" },
			apart = {
				"continue", "option server.s1 quickack no",
				'client.c1 send "head"', 'check.seen{from = "server", ack = 8}', 'client.c1 send "body"', "trace events=yes",
			},
		},
	},
	step {
		id = "nodelay",
		done = { all = { option(true), two_to_patient, { called = { command = "trace" } } } },
		near = {
			still = { all = { { not_ = option(true) }, two_segments } },
			quick = { all = { option(true), two_segments, { not_ = option(false) } } },
		},
		solution = {
			"option client.c1 nodelay yes", "option server.s1 quickack no",
			'client.c1:send("head") client.c1:send("body")', "sleep 0.1", "trace events=yes last=3",
		},
		wrong = {
			still = { 'client.c1:send("head") client.c1:send("body")' },
			quick = { "option client.c1 nodelay yes", 'client.c1:send("head") client.c1:send("body")', "trace" },
		},
	},
}
