-- lesson.lua - flow control: a window that closes, the probes before it, a lost window update.

-- The kernel's probe of a closed window repeats the last byte's number and has no data: it must be answered.
local function probed(view)
	local closed
	for _, seg in ipairs(view.facts.segments) do
		if seg.from == "server" then
			closed = seg.window == 0 and seg.ack
		elseif closed and seg.len == 0 and seg.seq == closed - 1 then
			return true
		end
	end
	return false
end

-- A window that was closed opens.
local function opened(view)
	local all = view.facts.segments
	local closed
	for number = 1, #all do
		local seg = all[number]
		if seg.from == "server" then
			if closed and seg.window > 0 and number > #view.mark.fates then
				return true
			end
			closed = seg.window == 0
		end
	end
	return false
end

-- An open window did not arrive, and data came all the same, later.
local function repaired(view)
	local lost
	for _, seg in ipairs(view:moved("dropped")) do
		lost = lost or seg.from == "server" and seg.window > 0 and seg.number
	end
	for _, seg in ipairs(lost and view:moved("delivered") or {}) do
		if seg.from == "client" and seg.len > 0 and seg.number > lost then
			return true
		end
	end
	return false
end

local LITTLE = { "<", 1000 }
local LOST = { dropped = { from = "server", window = { ">", 0 } } }
local ALL_THROUGH = { host = "client", kind = "connect", sendq = 0 }

return lesson {
	id = "window", needs = "lab", minutes = 12, clock = "real",
	setup = function(net)
		local l = net.server:listen(7788)
		l:option("rcvbuf", 16384)
		local c = net.client:connect("server:7788")
		c:option("sndbuf", 150000)
		l:accept()
	end,

	step {
		id = "look",
		done = { called = { command = any("trace", "ladder", "explain", "show") } },
		solution = { "trace" },
		wrong = { "state" },
	},
	predict { id = "thousand", choices = 3, answer = 2 },
	step {
		id = "send",
		done = { segment = { from = "client", len = { ">", 0 } }, called = { command = "trace" } },
		near = { server = { called = { command = "send", host = "server" } } },
		solution = { 'client.c1:send(("x"):rep(1000))', "trace last=2" },
		wrong = { server = { 'server.s1:send(("x"):rep(1000))', "trace" }, { "trace" } },
	},
	step {
		id = "fill",
		done = { segment = { from = "server", window = 0 }, called = { command = "state" } },
		near = {
			few = { called = { command = "send", host = "client" }, state = ALL_THROUGH },
			server = { called = { command = "send", host = "server" } },
		},
		solution = { 'client.c1:send(("x"):rep(100000))', "sleep 0.3", "state" },
		wrong = {
			few = { 'client.c1 send "hello"', "sleep 0.1", "state" },
			server = { 'server.s1:send(("x"):rep(10000))', "state" },
		},
	},
	predict { id = "next", choices = 3, answer = 3 },
	step {
		id = "watch",
		done = { called = { command = "trace" }, test = probed },
		solution = { "sleep 0.5", "trace last=4" },
		wrong = { "state" },
	},
	predict { id = "ten-bytes", choices = 3, answer = 1 },
	step {
		id = "little",
		done = {
			any = {
				{ called = { command = "recv", host = "server", bytes = LITTLE } },
				{ called = { command = "recv", host = "server", value = LITTLE } },
			},
			called = { command = "trace" },
		},
		near = { much = { test = opened } },
		solution = { "server.s1 recv 10", "trace last=2" },
		wrong = { much = { "server.s1 recv discard=yes" }, { "trace" } },
	},
	step {
		id = "open",
		done = { test = opened, called = { command = "trace" } },
		solution = { "server.s1 recv discard=yes", "sleep 0.3", "trace from server last=12" },
		wrong = { { "server.s1 recv 10", "trace" }, { "server.s1 recv discard=yes" } },
	},
	predict { id = "lost-update", choices = 3, answer = 2 },
	step {
		id = "lose",
		done = { test = repaired, called = { command = "trace" } },
		near = {
			through = { state = ALL_THROUGH, not_ = LOST },
		},
		solution = {
			"server.s1 recv discard=yes", "sleep 0.3", "wire from server loss=100%",
			"server.s1 recv discard=yes", "wire off", "sleep 1", "trace from server last=16",
		},
		wrong = {
			through = { "while client.c1:state{full=true}.sendq > 0 do server.s1:recv() end" },
			{ "server.s1 recv discard=yes", "trace" },
		},
	},
}
