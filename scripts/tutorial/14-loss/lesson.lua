-- lesson.lua - one piece early, one doubled, one lost: the stream comes out whole.
--
-- What is lost or late is sent again after a minute, so no step leaves a hole for longer than it takes to read.

local DATA = { ">", 0 }

-- The texts count four bytes a piece.
local function piece(seq)
	return { segment = { from = "client", seq = seq, len = 4 } }
end

-- Has the server got the same bytes twice: a copy, and what it was copied from?
local function twice(view)
	for _, seg in ipairs(view:moved("delivered")) do
		if seg.copy_of and seg.len > 0 and show(seg.copy_of).fate == "delivered" then
			return true
		end
	end
	return false
end

-- Has a later piece arrived, and been answered, than one that was dropped? What was late in the step before is earlier.
local function hole(view)
	local lost, arrived
	for _, seg in ipairs(view:moved("dropped")) do
		lost = lost or seg.from == "client" and seg.len > 0 and seg
	end
	for _, seg in ipairs(lost and view:moved("delivered") or {}) do
		arrived = arrived or seg.from == "client" and seg.len > 0 and seg.seq > lost.seq and seg
	end
	for _, seg in ipairs(arrived and view:segments() or {}) do
		if seg.from == "server" and seg.number > arrived.number and seg.options.sack then
			return true
		end
	end
	return false
end

-- Has the client sent again what was dropped?
local function repaired(view)
	for _, seg in ipairs(view:segments()) do
		if seg.from == "client" and seg.again and show(seg.again).fate == "dropped" then
			return true
		end
	end
	return false
end

-- What is still on the wire from the step before arrives, the latest ACK first: it leaves the others nothing to say.
local function clear_wire(net)
	local left = net.wire:held()
	for i = #left, 1, -1 do
		net.wire:step("#" .. left[i].number)
	end
	net.wire:continue()
	net.wire:hold()
end

return lesson {
	id = "loss", needs = "lab", minutes = 12,
	setup = function(net)
		local l = net.server:listen(7788, { backlog = 5 })
		local c = net.client:connect("server:7788")
		l:accept()
		c:option("nodelay", true)
		net.wire:hold()
	end,

	step {
		id = "send",
		done = { all = { piece(1), piece(5) } },
		near = {
			single = { segment = { from = "client", len = { ">", 6 } } },
			length = { segment = { from = "client", len = any(1, 2, 3, 5, 6) } },
			server = { called = { command = "send", kind = "accept" } },
		},
		solution = { 'send client.c1 "one "', 'send client.c1 "two "' },
		wrong = {
			single = { 'send client.c1 "one two "' },
			length = { 'send client.c1 "one"', 'send client.c1 "two"' },
			{ 'send client.c1 "one two "', 'send client.c1 "one "' },
			server = { 'send server.s1 "one "' },
			{ 'send client.c1 "one "' },
		},
	},
	predict { id = "which-ack", choices = 3, answer = 2 },
	step {
		id = "overtake",
		done = {
			delivered = { from = "client", seq = { ">", 1 }, len = DATA },
			segment = { from = "server", ack = 1 },
		},
		near = {
			first = { delivered = { from = "client", seq = 1, len = DATA } },
			dropped = { dropped = { from = "client", len = DATA } },
			read = {
				error = { command = "recv", kind = "accept" },
				not_ = { delivered = { from = "client", seq = 1, len = DATA } },
			},
		},
		solution = { "step #5" },
		wrong = {
			first = { "step" },
			dropped = { "drop #5" },
			read = { "recv server.s1 timeout=0.05" },
		},
	},
	step {
		id = "fill",
		done = { delivered = { from = "client", seq = 1, len = DATA } },
		near = { dropped = { dropped = { from = "client", len = DATA } } },
		solution = { "step" },
		wrong = { dropped = { "drop #4" }, { "step #6" } },
	},
	step {
		id = "double",
		setup = clear_wire,
		done = { test = twice },
		near = { dropped = { dropped = { from = "client", len = DATA } } },
		solution = { 'send client.c1 "three "', "dup", "step", "step" },
		wrong = {
			dropped = { 'send client.c1 "three "', "drop" },
			{ 'send client.c1 "three "', "dup", "step" },
		},
	},
	step {
		id = "lose",
		setup = clear_wire,
		done = hole,
		near = {
			["no-hole"] = {
				delivered = { from = "client", len = DATA },
				not_ = { dropped = { from = "client", len = DATA } },
			},
		},
		solution = { 'send client.c1 "four "', 'send client.c1 "five"', "drop", "step" },
		wrong = {
			["no-hole"] = { 'send client.c1 "four "', 'send client.c1 "five"', "step" },
			{ 'send client.c1 "four "', "drop" },
			{ 'send client.c1 "four "', "dup", "step 2", 'send client.c1 "five"', "drop" },
		},
	},
	step {
		id = "repair",
		done = { test = repaired },
		near = { dropped = { dropped = { from = "server" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, { "state" } },
	},
	step {
		id = "read",
		done = { recv = { kind = "accept", bytes = DATA }, delivered = { from = "client", again = true } },
		near = {
			dropped = { dropped = { from = "client", again = true } },
			hole = {
				recv = { kind = "accept", bytes = DATA },
				held = { from = "client", again = true },
			},
			client = { error = { command = "recv", kind = "connect" } },
		},
		solution = { "continue", "recv server.s1" },
		wrong = {
			dropped = { "drop" },
			hole = { "recv server.s1" },
			client = { "recv client.c1 timeout=0.05" },
			{ "continue" },
		},
	},
}
