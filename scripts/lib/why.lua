-- why.lua - the known patterns: why a scenario has failed, and what to try.
--
-- Each row looks at the scene (scene.lua) and gives, when it is the one, the values for its two
-- sentences; a row that is not sure stays silent. The first that speaks is taken, so what explains the
-- others stands first: a segment that the wire holds, then resets, then what an end waits for. When none
-- speaks, no `why` is printed. In `try`, a socket's name is Lua that can be typed.

local why = {}

local scene, clues = require("tcpstep.scene"), require("tcpstep.clues")
local count = require("tcpstep.values").count
local is_one_of, has = clues.is_one_of, clues.has
local ipairs, select, tostring, tonumber = ipairs, select, tostring, tonumber

-- "server:", in front of a call.
local function method_of(host)
	return host == "here" and "" or host .. ":"
end

local patterns = {
	{
		name = "held",
		why = "The wire is held, and {segments} {wait} on it: {first} has not arrived.",
		try = "wire:step(), or wire:continue()",
		when = function(s)
			local held = {}
			for _, seg in ipairs((s.awaited or s.code == "ETIMEDOUT") and s.held or {}) do
				if seg.fate == "held" and clues.is_about(s, seg) then
					held[#held + 1] = seg
				end
			end
			local first = held[1]
			return first and { segments = clues.numbers(held), wait = #held == 1 and "waits" or "wait",
				first = ("the %s from %s to %s"):format(first.flags, first.from, first.to) }
		end,
	},
	{
		name = "unread",
		why = "{closer} was closed with {unread}{data}. TCP then sends RST instead of FIN, to say that data "
			.. "was lost (RFC 1122, 4.2.2.13).",
		try = "read before you close: {closer}:recv()",
		when = function(s)
			local reset, at = clues.find_reset(s)
			local closer, close = nil, nil
			if reset and clues.is_reset(s) then
				closer, close = clues.find_close(s, reset, at)
			end
			local n = close and tonumber(close.text:match("with (%d+) bytes? unread"))
			return n and { closer = closer, unread = count(n, "unread byte"), data = clues.last_data(s, reset, n) }
		end,
	},
	{
		name = "late",
		why = "{closer} was closed when #{number} came with {bytes}: nobody can read them there, so TCP answers "
			.. "with RST (RFC 1122, 4.2.2.13).",
		try = "{closer}:shutdown() instead of close, then read to the end of stream",
		when = function(s)
			local reset, at = clues.find_reset(s)
			local closer = reset and clues.is_reset(s) and clues.find_close(s, reset, at)
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
					return { closer = closer, number = seg.number, bytes = count(seg.len, "byte") }
				end
			end
		end,
	},
	{
		name = "refused",
		why = "The SYN was answered with RST, because no socket listens on {port}{others} (RFC 9293, 3.10.7.1).",
		try = "{host}listen({number}) before the connect{instead}",
		when = function(s)
			local address = s.code == "ECONNREFUSED" and clues.target(s)
			if not address or clues.is_by_hand(s, address) then
				return nil
			end
			local at, port = scene.split(address)
			local host = clues.host_at(s, at)
			local facts = { port = ("port %d of %s"):format(port, host == "here" and at or host), number = port,
				host = method_of(host), others = "", instead = "" }
			for _, row in ipairs(clues.listeners(s, host)) do
				local its_at, its = scene.split(row.local_address)
				if its == port and is_one_of(its_at, at, "0.0.0.0", "::") or clues.is_same(s, row.local_address, address) then
					return nil -- somebody does listen
				elseif its == port then
					facts.why = ("The SYN was answered with RST, because %s listens on %s only (RFC 9293, 3.10.7.1).")
						:format(row.name, row.local_address)
					facts.try = "{host}listen({number}), which is on all addresses"
				elseif facts.others == "" then
					facts.others = (", but %s on %d"):format(row.name, its)
					facts.instead = (", or connect to %d"):format(its)
				end
			end
			return facts
		end,
	},
	{
		name = "route",
		why = "No route {from} leads to {address} (RFC 1122, 3.3.1).",
		try = "look at the routes: ip route get {address}",
		when = function(s)
			local address = is_one_of(s.code, "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL") and clues.target(s)
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
				and ("%slisten(%d, {reuse = true})"):format(method_of(scene.host_of(found.name)), port)
				or "let the kernel choose a port, or let the other end close first" }
		end,
	},
	{
		name = "backlog",
		why = "The accept queue of {name} is full: {queue} in it, and its backlog is {backlog}. The kernel "
			.. "then drops SYNs, and the last ACK of handshakes (listen(2)).",
		try = "accept({name}), or listen with a larger backlog",
		when = function(s)
			local address = (s.awaited or s.code == "ETIMEDOUT")
				and (s.op == "connect" and clues.target(s) or s.sock and s.sock.state == "SYN_SENT" and s.sock.peer_address)
			local row = address and address ~= "-" and clues.listener_at(s, address)
			return row and row.queue > row.backlog
				and { name = row.name, backlog = row.backlog,
					queue = count(row.queue, "connection") .. (row.queue == 1 and " waits" or " wait") }
		end,
	},
	{
		name = "gave_up",
		why = "{what} and no acknowledgement of it came back{lost}; so the kernel gave the connection up "
			.. "(RFC 9293, 3.8.3).",
		try = "see in the ladder where they, or their answers, got lost",
		when = function(s)
			if s.code ~= "ETIMEDOUT" then
				return nil
			end
			local last, sent, dropped
			for _, seg in ipairs(s.segments) do
				local first = seg.again or seg.number
				local own = clues.is_about(s, seg) and not seg.injected
				if own and s.sock then
					own = seg.from_address == s.sock.local_address
				elseif own and s.op == "connect" then
					own = not has(seg, "ACK")
				end
				if own and first ~= last and (seg.len > 0 or has(seg, "SYN") or has(seg, "FIN")) then
					last, sent, dropped = first, 0, 0
				end
				if own and first == last then
					sent = sent + 1 + #(seg.copies or {})
					dropped = dropped + (seg.fate == "dropped" and 1 or 0)
				end
			end
			local seg = s.numbered[last or 0]
			if not seg or sent < 2 or clues.is_acknowledged(s, seg) then
				return nil
			end
			return { what = ("%s sent #%d (%s) %s"):format(seg.from, last, seg.flags, count(sent, "time")),
				lost = dropped > 0 and (" (%s dropped on the wire)"):format(dropped == sent and "all were"
					or count(dropped, "copy", "copies") .. (dropped == 1 and " was" or " were")) or "" }
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
				if pair[1].state == "CLOSE_WAIT" and pair[2].state:find("^FIN_WAIT") and clues.close_helps(s, pair[1]) then
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
					return { reader = b.name, sender = a.name, unread = count(b.recvq, "byte") }
				end
			end
		end,
	},
	{
		name = "nagle",
		why = "{name} has {waiting} that it does not send: less than a full segment waits until {flying} in flight "
			.. "{are} acknowledged (Nagle; RFC 9293, 3.7.4).",
		try = 'option({name}, "nodelay", true)',
		when = function(s)
			local rows = not s.awaited and {} or s.sock and { s.sock, s.peer } or s.connections()
			for _, row in ipairs(rows) do
				-- A reader waits for what is in flight first.
				if (row.notsent or 0) > 0 and row.notsent < (row.snd_mss or 0) and (row.unacked or 0) > 0
					and row.nodelay == false and row.cork == false and (row.snd_wnd or 0) >= row.sendq
					and (row ~= s.peer or clues.has_arrived(s, row)) then
					local flying = row.sendq - row.notsent
					return { name = row.name, waiting = count(row.notsent, "byte"),
						flying = count(flying, "byte"), are = flying == 1 and "is" or "are" }
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
