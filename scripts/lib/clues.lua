-- clues.lua - what the known patterns (why.lua) ask of a scene: which segments, sockets and calls are the ones.

local scene, values = require("tcpstep.scene"), require("tcpstep.values")
local next, ipairs, select = next, ipairs, select
local concat, min = table.concat, math.min

local function is_one_of(v, ...)
	for _, each in ipairs { ... } do
		if v == each then
			return true
		end
	end
	return false
end

local function has(seg, flag)
	return ("," .. seg.flags .. ","):find("," .. flag .. ",", 1, true) ~= nil
end

-- Segments by their numbers: "#4, #5 and 2 more".
local function numbers(segs)
	local out = {}
	for i = 1, min(#segs, 3) do
		out[i] = "#" .. segs[i].number
	end
	return concat(out, ", ") .. (#segs > 3 and (" and %d more"):format(#segs - 3) or "")
end

-- The address that a connect was to.
local function target(s)
	return s.message:match("connect ([^%s]+:%d+)") or s.message:match("to ([^%s]+:%d+)")
end

-- The host that an address, or a name of the lab's, belongs to.
local function host_at(s, address)
	for at, name in next, s.hosts do
		if address == at or address == name then
			return name
		end
	end
	return "here"
end

-- Are they the same port of the same host? One of the two may bear the host's name.
local function is_same(s, a, b)
	local a_host, a_port = scene.split(a)
	local b_host, b_port = scene.split(b)
	return a_port == b_port and (a_host == b_host or s.hosts[a_host] ~= nil and s.hosts[a_host] == host_at(s, b_host))
end

-- Does a handshake need it? Of the last ACK only the state tells.
local function is_handshake(s, seg)
	if has(seg, "SYN") then
		return true
	end
	for _, row in ipairs(s.rows) do
		if row.state == "SYN_RCVD" and scene.is_of(seg, row) then
			return true
		end
	end
	return false
end

-- May the failure be about this segment? Listeners and connects wait for handshakes.
local function is_about(s, seg)
	local address = s.op == "connect" and target(s)
	if scene.is_connection(s.sock) then
		return scene.is_of(seg, s.sock)
	elseif s.socket and not s.sock then
		return not s.socket:find("l%d+$") -- the kernel has forgotten it
	elseif s.sock then
		local _, port = scene.split(s.sock.local_address)
		return is_handshake(s, seg) and (select(2, scene.split(seg.from_address)) == port
			or select(2, scene.split(seg.to_address)) == port)
	elseif address then
		return is_handshake(s, seg) and (is_same(s, seg.from_address, address) or is_same(s, seg.to_address, address))
	end
	return s.op ~= "accept" or is_handshake(s, seg)
end

-- Has the peer reset the connection, as far as the failure tells?
local function is_reset(s)
	local told = s.got or s.message
	return is_one_of(s.code, "ECONNRESET", "EPIPE") or told:find("CLOSED", 1, true) ~= nil
		or told:find("RST", 1, true) ~= nil
end

-- The first RST of the connection that the failure is about, and the place of its event.
local function find_reset(s)
	for i, e in ipairs(s.events) do
		local seg = e.event == "sent" and s.numbered[e.number]
		if seg and has(seg, "RST") and not seg.injected and is_about(s, seg) then
			return seg, i
		end
	end
end

-- The script's close of that end of the connection, the last one before the RST's event. After an abort the
-- RST is no wonder; and what is known to belong to another connection does not count.
local function find_close(s, reset, before)
	for i = before - 1, 1, -1 do
		local e = s.events[i]
		local word, name = nil, nil
		if e.event == "command" and e.host == reset.from then
			word, name = e.text:match("^(%a+) ([%w_%-]+%.[cs]%d+)")
		end
		if is_one_of(word, "close", "abort") and scene.is_of(reset, s.rows[name]) then
			return word == "close" and name or nil, e
		end
	end
end

-- Listeners on a host, as rows.
local function listeners(s, host)
	local out = {}
	for _, row in ipairs(s.rows) do
		if row.state == "LISTEN" and scene.host_of(row.name) == host then
			out[#out + 1] = row
		end
	end
	return out
end

-- The row of the listener that an address leads to.
local function listener_at(s, address)
	local at, port = scene.split(address)
	for _, row in ipairs(listeners(s, host_at(s, at))) do
		local _, its = scene.split(row.local_address)
		if its == port then
			return row
		end
	end
end

-- What came for that end of a connection, its last n bytes, as a literal.
local function last_data(s, reset, n)
	local text = ""
	for _, seg in ipairs(s.segments) do
		if seg.number < reset.number and seg.data and seg.to_address == reset.from_address
			and seg.from_address == reset.to_address and not seg.again and not seg.copy_of then
			text = text .. seg.data
		end
	end
	if #text < n or n > 40 then
		return ""
	end
	return " (" .. values.literal(text:sub(-n)) .. ")"
end

-- Was the last RST from that address made by the script?
local function is_by_hand(s, address)
	local by_hand = false
	for _, seg in ipairs(s.segments) do
		if has(seg, "RST") and is_same(s, seg.from_address, address) then
			by_hand = seg.injected or seg.altered
		end
	end
	return by_hand
end

-- Has an acknowledgement of all of the segment been delivered?
local function is_acknowledged(s, seg)
	local after = seg.raw_seq + seg.len + (has(seg, "SYN") and 1 or 0) + (has(seg, "FIN") and 1 or 0)
	for _, other in ipairs(s.segments) do
		if other.number > seg.number and other.from_address == seg.to_address and other.to_address == seg.from_address
			and other.fate == "delivered" and has(other, "ACK") and (other.raw_ack - after) & 0xffffffff < 0x80000000 then
			return true
		end
	end
	return false
end

-- Would what is expected come, if the end in CLOSE_WAIT were closed? It has one state more to pass, as the other.
local function close_helps(s, waiting)
	local state = s.expected
	if s.op == "check.states" then
		state = (", " .. s.expected):match(", " .. s.socket:gsub("%p", "%%%0") .. " ([%w_]+)")
	elseif s.op == "check.trail" then
		state = s.expected:match("[%w_]+$")
	elseif s.op ~= "check.state" then
		return true
	end
	return is_one_of(state, "CLOSED", s.sock == waiting and "LAST_ACK" or "TIME_WAIT")
end

-- Was the last data that this end has sent delivered, as far as the wire knows?
local function has_arrived(s, row)
	local arrived = true
	for _, seg in ipairs(s.segments) do
		if seg.len > 0 and seg.from_address == row.local_address and seg.to_address == row.peer_address then
			arrived = seg.fate == "delivered"
		end
	end
	return arrived
end

return {
	is_one_of = is_one_of, has = has, numbers = numbers, target = target, host_at = host_at,
	is_same = is_same, is_about = is_about, is_reset = is_reset, find_reset = find_reset,
	find_close = find_close, listeners = listeners, listener_at = listener_at, last_data = last_data,
	is_by_hand = is_by_hand, is_acknowledged = is_acknowledged, close_helps = close_helps,
	has_arrived = has_arrived,
}
