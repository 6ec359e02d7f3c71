-- why.lua - the known patterns: why a scenario has failed, and what to try.
--
-- Each row looks at the scene (scene.lua) and gives, when it is the one, the values for its two
-- sentences; a row that is not sure stays silent. The first that speaks is taken, so what explains the
-- others stands first: a segment that the wire holds, then resets, then what an end waits for. When none
-- speaks, no `why` is printed. In `try`, a socket's name is Lua that can be typed.

local why = {}

local scene, values = require("tcpstep.scene"), require("tcpstep.values")
local next, ipairs, select, tostring, tonumber = next, ipairs, select, tostring, tonumber
local concat, min = table.concat, math.min

---------------------------------------------------------------- what several rows ask

local function is_one_of(v, ...)
	for _, each in ipairs { ... } do
		if v == each then
			return true
		end
	end
	return false
end

local function plural(n, word)
	return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
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
		if seg and has(seg, "RST") and not seg.injected and scene.is_of(seg, s.sock) then
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

---------------------------------------------------------------- the rows

local patterns = {
	{
		name = "held",
		why = "The wire is held, and {segments} {wait} on it: {first} has not arrived.",
		try = "wire:step(), or wire:continue()",
		when = function(s)
			local held = {}
			for _, seg in ipairs((s.awaited or s.code == "ETIMEDOUT") and s.held or {}) do
				if seg.fate == "held" and scene.is_of(seg, s.sock) then
					held[#held + 1] = seg
				end
			end
			local first = held[1]
			return first and { segments = numbers(held), wait = #held == 1 and "waits" or "wait",
				first = ("the %s from %s to %s"):format(first.flags, first.from, first.to) }
		end,
	},
	{
		name = "unread",
		why = "{closer} was closed with {unread}{data}. TCP then sends RST instead of FIN, to say that data "
			.. "was lost (RFC 1122, 4.2.2.13).",
		try = "read before you close: {closer}:recv()",
		when = function(s)
			local reset, at = find_reset(s)
			local closer, close = nil, nil
			if reset and is_reset(s) then
				closer, close = find_close(s, reset, at)
			end
			local n = close and tonumber(close.text:match("with (%d+) bytes? unread"))
			return n and { closer = closer, unread = plural(n, "unread byte"), data = last_data(s, reset, n) }
		end,
	},
	{
		name = "late",
		why = "{closer} was closed when #{number} came with {bytes}: nobody can read them there, so TCP answers "
			.. "with RST (RFC 1122, 4.2.2.13).",
		try = "{closer}:shutdown() instead of close, then read to the end of stream",
		when = function(s)
			local reset, at = find_reset(s)
			local closer = reset and is_reset(s) and find_close(s, reset, at)
			if not closer then
				return nil
			end
			local fin
			for _, seg in ipairs(s.segments) do
				if seg.number >= reset.number then
					return nil
				elseif seg.from_address == reset.from_address and has(seg, "FIN") then
					fin = seg
				elseif fin and seg.to_address == reset.from_address and seg.len > 0
					and seg.fate == "delivered" then
					return { closer = closer, number = seg.number, bytes = plural(seg.len, "byte") }
				end
			end
		end,
	},
	{
		name = "refused",
		why = "The SYN was answered with RST, because no socket listens on {port}{others} (RFC 9293, 3.10.7.1).",
		try = "{host}listen({number}) before the connect{instead}",
		when = function(s)
			local address = s.code == "ECONNREFUSED" and target(s)
			if not address then
				return nil
			end
			local at, port = scene.split(address)
			local host = host_at(s, at)
			local rows = listeners(s, host)
			local _, other = scene.split(rows[1] and rows[1].local_address or "")
			-- One that listens there by now came too late, and the sentence stays true of then.
			other = other ~= port and other or nil
			return { port = ("port %d of %s"):format(port, host == "here" and at or host), number = port,
				host = host == "here" and "" or host .. ":",
				others = other and (", but %s on %d"):format(rows[1].name, other) or "",
				instead = other and (", or connect to %d"):format(other) or "" }
		end,
	},
	{
		name = "route",
		why = "No route {from} leads to {address} (RFC 1122, 3.3.1).",
		try = "look at the routes: ip route get {address}",
		when = function(s)
			local address = is_one_of(s.code, "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL") and target(s)
			if not address then
				return nil
			end
			address = scene.split(address)
			local first = tonumber(address:match("^(%d+)%."))
			local facts = { address = address, from = "of this machine" }
			if first and first >= 224 then
				facts.why = "{address} is no address of one host, and TCP connects two (RFC 1122, 4.2.3.10)."
				facts.try = "connect to the address of a host"
			elseif s.lab and address:find(":") then
				facts.why = "The hosts of this lab have no IPv6, so no route leads to {address} (RFC 1122, 3.3.1)."
				facts.try = "lab({ipv6 = true}), or an IPv4 address"
			elseif s.code == "EADDRNOTAVAIL" then
				return nil
			end
			return facts
		end,
	},
	{
		name = "time_wait",
		why = "The port is still that of {name}, which closed first and stays in TIME_WAIT for 60 s, so that "
			.. "late segments find no new connection (RFC 9293, 3.6.1).",
		try = "{try}",
		when = function(s)
			local port = s.code == "EADDRINUSE" and tonumber(s.message:match(":(%d+):"))
			local found
			for _, row in ipairs(port and s.rows or {}) do
				if select(2, scene.split(row.local_address)) == port then
					found = found or row
					if row.state ~= "TIME_WAIT" then
						return nil -- that one has it
					end
				end
			end
			return found and { name = found.name, try = s.op == "listen"
				and ("listen(%d, {reuse = true})"):format(port)
				or "let the kernel choose a port, or let the other end close first" }
		end,
	},
	{
		name = "backlog",
		why = "The accept queue of {name} is full: {queue} wait in it, and its backlog is {backlog}. The kernel "
			.. "then drops SYNs, and the last ACK of handshakes (listen(2)).",
		try = "accept({name}), or listen with a larger backlog",
		when = function(s)
			local address = (s.awaited or s.code == "ETIMEDOUT")
				and (s.op == "connect" and target(s) or s.sock and s.sock.state ~= "ESTABLISHED" and s.sock.peer_address)
			local row = address and address ~= "-" and listener_at(s, address)
			return row and row.queue > row.backlog
				and { name = row.name, queue = plural(row.queue, "connection"), backlog = row.backlog }
		end,
	},
	{
		name = "gave_up",
		why = "{what} and nothing acknowledged it{lost}; so the kernel gave the connection up (RFC 9293, 3.8.3).",
		try = "see in the ladder where they, or their answers, got lost",
		when = function(s)
			if s.code ~= "ETIMEDOUT" then
				return nil
			end
			local last, sent, dropped
			for _, seg in ipairs(s.segments) do
				local first = seg.again or seg.number
				if first ~= last and not seg.injected and (seg.len > 0 or has(seg, "SYN") or has(seg, "FIN")) then
					last, sent, dropped = first, 0, 0
				end
				if first == last then
					sent = sent + 1 + #(seg.copies or {})
					dropped = dropped + (seg.fate == "dropped" and 1 or 0)
				end
			end
			if not s.numbered[last or 0] or sent < 2 then
				return nil
			end
			local seg = s.numbered[last]
			return { what = ("%s sent #%d (%s) %s"):format(seg.from, last, seg.flags, plural(sent, "time")),
				lost = dropped > 0 and (" (%s dropped on the wire)"):format(dropped == sent and "all were"
					or plural(dropped, "copy"):gsub("copys", "copies") .. (dropped == 1 and " was" or " were")) or "" }
		end,
	},
	{
		name = "close_wait",
		why = "{waiting} is in CLOSE_WAIT: it has got the FIN of {other}, and TCP waits for the program at that end "
			.. "to close it (RFC 9293, 3.6).",
		try = "{waiting}:close()",
		when = function(s)
			local a, b = s.sock, s.peer
			if not s.awaited or not a or not b then
				return nil
			end
			for _, pair in ipairs { { a, b }, { b, a } } do
				if pair[1].state == "CLOSE_WAIT" and pair[2].state:find("^FIN_WAIT") then
					return pair[1].name:find("^%(") and { why = "A connection in the accept queue of "
						.. pair[1].name:sub(2, -2) .. " is in CLOSE_WAIT: it has got the FIN of " .. pair[2].name
						.. ", and nobody has accepted it, nor can close it (RFC 9293, 3.6).",
						try = "accept(" .. pair[1].name:sub(2, -2) .. "):close()" }
						or { waiting = pair[1].name, other = pair[2].name }
				end
			end
		end,
	},
	{
		name = "zero_window",
		why = "The window of {reader} is closed: {unread} wait there to be read, and {sender} may only probe "
			.. "(RFC 9293, 3.8.6.1).",
		try = "read: {reader}:recv()",
		when = function(s)
			for _, pair in ipairs(s.awaited and { { s.sock, s.peer }, { s.peer, s.sock } } or {}) do
				local a, b = pair[1], pair[2]
				if a and b and a.snd_wnd and a.snd_wnd < (a.snd_mss or 1) and (a.sendq or 0) > 0
					and (b.recvq or 0) > 0 and (a.notsent or 0) > a.snd_wnd and a.timer == "probe" then
					return { reader = b.name, sender = a.name, unread = plural(b.recvq, "byte") }
				end
			end
		end,
	},
	{
		name = "nagle",
		why = "{name} has {waiting} that it does not send: less than a full segment waits until {flying} in flight "
			.. "are acknowledged (Nagle; RFC 9293, 3.7.4).",
		try = 'option({name}, "nodelay", true)',
		when = function(s)
			local rows = s.sock and { s.sock } or s.awaited and s.connections() or {}
			for _, row in ipairs(s.awaited and rows or {}) do
				if (row.notsent or 0) > 0 and row.notsent < (row.snd_mss or 0) and (row.unacked or 0) > 0
					and row.nodelay == false and row.cork == false and (row.snd_wnd or 0) >= row.sendq then
					return { name = row.name, waiting = plural(row.notsent, "byte"),
						flying = plural(row.sendq - row.notsent, "byte") }
				end
			end
		end,
	},
}

---The sentences for the first pattern that fits: why, what to try, and its name; nil when none fits.
---@param s table of scene.look
---@return string?, string?, string?
function why.find(s)
	for _, row in ipairs(s.misuse and {} or patterns) do
		local facts = row.when(s)
		if facts then
			local function fill(text)
				return (text:gsub("{(%l+)}", function(name) return tostring(facts[name]) end))
			end
			return fill(facts.why or row.why), fill(facts.try or row.try), row.name
		end
	end
end

return why
