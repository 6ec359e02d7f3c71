-- lesson.lua - flow control: a window that closes, the probes before it, a lost window update.

-- The kernel's probe of a closed window repeats the last byte's number and has no data: it must be answered.
local function probes(view)
	local closed, out = nil, {}
	for _, seg in ipairs(view.facts.segments) do
		if seg.from == "server" then
			closed = seg.window == 0 and seg.ack
		elseif closed and seg.len == 0 and seg.seq == closed - 1 then
			out[seg.number] = true
		end
	end
	return out
end

-- Has trace shown one?
local function probe_seen(view)
	local is_probe = probes(view)
	for _, call in ipairs(view:calls()) do
		for _, seg in ipairs(call.command == "trace" and type(call.value) == "table" and call.value or {}) do
			if is_probe[seg.number] then
				return true
			end
		end
	end
	return false
end

-- What was to be looked at came of the host's call.
local function looked_after(command, host, look)
	return function(view)
		local done, seen = false, false
		for _, call in ipairs(view:calls()) do
			if call.command == command and call.host == host and not call.code then
				done, seen = true, false
			elseif call.command == look then
				seen = done
			end
		end
		return seen
	end
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
		done = { called = { command = "trace" } },
		near = { other = { called = { command = any("ladder", "explain", "show") } } },
		solution = { "trace" },
		wrong = { other = { "ladder" }, { "state" } },
	},
	predict { id = "thousand", choices = 3, answer = 2 },
	step {
		id = "send",
		done = { segment = { from = "client", len = 1000 }, test = looked_after("send", "client", "trace") },
		near = {
			server = { called = { command = "send", host = "server" } },
			length = { segment = { from = "client", len = function(n) return n > 0 and n ~= 1000 end } },
		},
		solution = { 'client.c1:send(("x"):rep(1000))', "trace last=2" },
		wrong = {
			server = { 'server.s1:send(("x"):rep(1000))', "trace" },
			length = { 'client.c1 send "hello"', "trace" },
			{ "trace", 'client.c1:send(("x"):rep(1000))' },
		},
	},
	step {
		id = "fill",
		done = { segment = { from = "server", window = 0 }, test = looked_after("send", "client", "state") },
		near = {
			few = { called = { command = "send", host = "client" }, state = ALL_THROUGH },
			server = { called = { command = "send", host = "server" } },
		},
		solution = { 'client.c1:send(("x"):rep(100000))', "sleep 0.3", "state" },
		wrong = {
			few = { 'client.c1 send "hello"', "sleep 0.1", "state" },
			server = { 'server.s1:send(("x"):rep(10000))', "state" },
			{ "state", 'client.c1:send(("x"):rep(100000))', "sleep 0.3" },
		},
	},
	predict { id = "next", choices = 3, answer = 3 },
	step {
		id = "watch",
		done = probe_seen,
		solution = { "sleep 0.5", "trace last=4" },
		wrong = { { "state" }, { "trace SYN", "sleep 0.5" } },
	},
	predict { id = "ten-bytes", choices = 3, answer = 1 },
	step {
		id = "little",
		done = {
			any = {
				{ called = { command = "recv", host = "server", bytes = LITTLE } },
				{ called = { command = "recv", host = "server", value = LITTLE } },
			},
			test = looked_after("recv", "server", "trace"),
		},
		near = { much = { test = opened } },
		solution = { "server.s1 recv 10", "trace last=2" },
		wrong = { much = { "server.s1 recv discard=yes" }, { "trace", "server.s1 recv 10" } },
	},
	step {
		id = "open",
		done = { all = { opened, looked_after("recv", "server", "trace") } },
		solution = { "server.s1 recv discard=yes", "sleep 0.3", "trace from server last=12" },
		wrong = { { "server.s1 recv 10", "trace" }, { "trace", "server.s1 recv discard=yes" } },
	},
	predict { id = "lost-update", choices = 3, answer = 2 },
	step {
		id = "lose",
		done = { all = { repaired, looked_after("recv", "server", "trace") } },
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
