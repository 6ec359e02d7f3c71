-- scene.lua - what can be seen of a failure: the error, the sockets, the wire, the trace.
--
-- scene.look(err) asks while everything is still alive, and waits for nothing. What it gives is read by
-- the table of known patterns (why.lua) and by the report (failure.lua):
--     code      of the error; of the one behind it when a check has failed: "ECONNRESET", "timeout"
--     op        "connect", "check.state" ...
--     message, expected, got; misuse: a mistake in the script, about which TCP has nothing to say
--     awaited   true when something did not come in time
--     socket    the name of the socket that it is about, or nil
--     object    that socket, as Lua has it
--     sock      its row of `state`, with all that `state` knows of it; peer: the row of its other end
--     rows      the rows of `state`, and by name; names that the kernel has forgotten have none
--     connections()  all rows in ESTABLISHED, in full
--     segments, events   the last of the trace, empty without a lab; numbered: segments by number
--     held      the segments that the wire holds; seed: of its dice, when it had faults
--     hosts     of the lab, by address; lab: is there one?

local scene = {}

-- What the script has done to its globals does not matter here.
local type, next, pcall, tostring = type, next, pcall, tostring
local state, trace, held, hosts, option, wire = state, trace, held, hosts, option, wire
-- The globals find sockets by their names, "client.c1" too.
local globals, socket_named = _G, getmetatable(_G).__index

-- A trace may be very long, and what matters is at its end.
local LAST = 1000

-- What checks wait for; the others look once.
local awaiting = {
	["check.state"] = true, ["check.states"] = true, ["check.trail"] = true, ["check.waiting"] = true,
	["check.within"] = true, ["check.seen"] = true, ["check.sequence"] = true,
}

local function asked(f, ...)
	local ok, got = pcall(f, ...)
	if ok then
		return got
	end
end

-- The first name in the text that is one of a socket's.
local function name_in(text, rows)
	for name in text:gmatch("[%w_%-]*%.?[lcs]%d+") do
		if rows[name] then
			return name
		end
	end
end

-- All that is known of a socket; only its row when it is none of the shell's, as "(l1)".
local function full(name, rows)
	local sock = name and socket_named(globals, name)
	local row = sock and asked(state, sock, { full = true }) or rows[name]
	if row and sock then
		row.nodelay, row.cork = asked(option, sock, "nodelay"), asked(option, sock, "cork")
	end
	return row
end

local function other_end(row, rows)
	for _, other in next, rows do
		if row and other.local_address == row.peer_address and other.peer_address == row.local_address then
			return other
		end
	end
end

---The host that a socket's name begins with: "server.s1" is of server; "here".
---@param name string
function scene.host_of(name)
	return name:match("^%(?([%w_%-]+)%.") or "here"
end

---The address without its port, and the port.
---@param address string
function scene.split(address)
	local host, port = address:match("^%[?(.-)%]?:(%d+)$")
	return host or address, tonumber(port)
end

---Is the row that of a connection, and not of a listener?
function scene.is_connection(row)
	return row ~= nil and row.peer_address ~= nil and row.peer_address ~= "-"
end

---Does the segment belong to the connection of that row? Without such a row, to any.
function scene.is_of(seg, row)
	return not scene.is_connection(row)
		or (seg.from_address == row.local_address and seg.to_address == row.peer_address)
		or (seg.from_address == row.peer_address and seg.to_address == row.local_address)
end

---The rows of `state` as they are now: later than those of the scene.
function scene.rows()
	return asked(state) or {}
end

---@param err any what was raised
function scene.look(err)
	local ours = type(err) == "table"
	local s = {
		code = ours and (err.cause or err.code) or "lua",
		op = ours and err.op or "",
		misuse = ours and (err.misuse or err.code == "usage") or false,
		message = ours and tostring(err.message) or tostring(err),
		expected = ours and type(err.expected) == "string" and err.expected or nil,
		got = ours and type(err.got) == "string" and err.got or nil,
		-- These let the wire deliver, so the rows come after them.
		segments = asked(trace, { last = LAST }) or {},
		numbered = {},
		events = asked(trace, { last = LAST, events = true }) or {},
		held = asked(held) or {},
		seed = (asked(wire) or {}).seed,
		hosts = {},
	}
	s.rows = scene.rows()
	for i = 1, #s.rows do
		s.rows[s.rows[i].name] = s.rows[i]
	end
	for i = 1, #s.segments do
		s.numbered[s.segments[i].number] = s.segments[i]
	end
	for _, host in next, asked(hosts) or {} do
		if host.address then
			s.hosts[host.address] = host.name
			s.hosts[host.address6 or host.address] = host.name
			s.lab = true
		end
	end
	s.awaited = s.code == "timeout" or awaiting[s.op] or false
	s.socket = ours and err.socket or name_in(s.message, s.rows)
	s.object = s.socket and socket_named(globals, s.socket)
	s.sock = s.socket and full(s.socket, s.rows)
	s.peer = other_end(s.sock, s.rows)
	s.peer = s.peer and full(s.peer.name, s.rows)
	function s.connections()
		local out = {}
		for i = 1, #s.rows do
			out[#out + 1] = s.rows[i].state == "ESTABLISHED" and full(s.rows[i].name, s.rows) or nil
		end
		return out
	end
	return s
end

return scene
