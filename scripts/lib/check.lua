-- check.lua - `check`: expectations that say, when they fail, where and by how much.
--
-- A failed check raises an error object of the program's own kind: code "check", op ("check.equal"),
-- message, hint, where (file and line of the script), expected and got; cause is the code of the error
-- that stands behind it, socket the name of the socket that it is about. What needs time is awaited,
-- not slept for: check.state and the like look again and again, until it is so or the limit is over.
-- What a user should know of it stands in `help check`.

---@class tcpstep.check
---@field limit number seconds that a check waits for what has not happened yet; 1 at first
---@overload fun(v: any, msg?: string): any
local check = { limit = 1 }

local error_meta, _, private = ...
-- The runner wants to know that something was checked at all.
local counted = private.checked

local match, values = require("tcpstep.match"), require("tcpstep.values")
-- What the script does to its globals later does not matter here.
local type, next, tostring, pcall = type, next, tostring, pcall
local getinfo, sort, concat, huge = debug.getinfo, table.sort, table.concat, math.huge
local sleep, state, held, show, trace, hosts = sleep, state, held, show, trace, hosts
local literal = values.literal

-- A look costs some microseconds; what is awaited comes mostly at once.
local FIRST_PAUSE, LAST_PAUSE = 0.0005, 0.01
-- Of a long list so many are told.
local TOLD = 20

---------------------------------------------------------------- failing

-- The script's line that called: the first one in a file, outside of the program's own.
local function where()
	for level = 2, huge do
		local info = getinfo(level, "Sl")
		if not info then
			return ""
		end
		if info.source:sub(1, 1) ~= "=" and info.currentline > 0 then
			return info.short_src .. ":" .. info.currentline
		end
	end
end

local function fail(op, msg, text, fields)
	fields.code, fields.op = "check", op
	fields.message = (msg and msg .. ": " or "") .. text
	fields.hint = fields.hint or ""
	fields.where = where()
	error(setmetatable(fields, error_meta), 0)
end

-- Misuse of check itself.
local function misuse(op, text, hint)
	fail(op, nil, text, { hint = hint, misuse = true })
end

local function verified(op, want)
	local wrong = match.mistake(want)
	if wrong then
		misuse(op, wrong)
	end
	return want
end

local function want_socket(op, sock)
	if type(sock) ~= "userdata" or not sock.kind then
		misuse(op, "a socket is expected, got " .. literal(sock),
			"The name of a socket that the kernel has forgotten gives nil; keep it in a variable.")
	end
end

local function seconds_text(seconds)
	return ("%g s"):format(seconds)
end

-- Calls look until it gives a value that is true, or the time is over; returns that, or the last one.
local function await(look, seconds)
	local pause, passed = FIRST_PAUSE, 0
	local value = look()
	while not value and passed < seconds do
		sleep(pause)
		passed = passed + pause
		pause = pause * 1.5 < LAST_PAUSE and pause * 1.5 or LAST_PAUSE
		value = look()
	end
	return value
end

---------------------------------------------------------------- plain values

setmetatable(check, {
	---Fails unless v is true (neither nil nor false). Returns v.
	__call = function(_, v, msg)
		counted()
		if not v then
			fail("check", nil, msg or "the value is " .. tostring(v), { expected = "true", got = tostring(v) })
		end
		return v
	end,
})

---Fails unless both are equal; tables are compared by what is in them. Says only what differs.
---@param got any
---@param want any
---@param msg? string
function check.equal(got, want, msg)
	counted()
	local out = values.differences(got, want)
	local n = #out
	if n > TOLD then
		out[TOLD + 1] = ("(%d more differences)"):format(n - TOLD)
	end
	if n > 0 then
		fail("check.equal", msg, concat(out, "\n", 1, n > TOLD and TOLD + 1 or n),
			{ expected = want, got = got })
	end
end

---Fails unless f(...) raises an error with this code ("ECONNREFUSED", "timeout"). Returns the error.
---@param code string
---@param f function
---@return tcpstep.error
function check.fails(code, f, ...)
	counted()
	local ok, err = pcall(f, ...)
	local ours = not ok and type(err) == "table"
	local got = ok and "no error" or ours and err.code or tostring(err)
	if got ~= code then
		local more = ours and " (" .. tostring(err.message) .. ")" or ""
		fail("check.fails", nil, ("expected the error %s, got %s%s"):format(code, got, more),
			{ expected = code, got = got, cause = ours and err.code or nil })
	end
	return err
end

---Waits until f() gives a value that is true, and returns it; fails when it does not within so many
---seconds. f is called again and again.
---@generic T
---@param seconds number
---@param f fun(): T
---@param msg? string
---@return T
function check.within(seconds, f, msg)
	counted()
	local v = await(f, seconds)
	if not v then
		fail("check.within", msg, "not within " .. seconds_text(seconds),
			{ expected = "a true value within " .. seconds_text(seconds), got = tostring(v) })
	end
	return v
end

---------------------------------------------------------------- sockets

---Waits until the kernel has the socket in that state, also after close.
---@param sock tcpstep.socket
---@param want string such as "FIN_WAIT_2"
---@param seconds? number the limit, check.limit by default
function check.state(sock, want, seconds)
	counted()
	want_socket("check.state", sock)
	local got
	if not await(function()
		got = sock:state()
		return got == want
	end, seconds or check.limit) then
		fail("check.state", nil, ("%s: expected %s, got %s"):format(sock.name, want, got),
			{ expected = want, got = got, socket = sock.name })
	end
end

---The same for several sockets at one moment: check.states{[c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT"}.
---@param want table<tcpstep.socket, string>
---@param seconds? number
function check.states(want, seconds)
	counted()
	for sock in next, want do
		want_socket("check.states", sock)
	end
	local wrong, expected, got
	await(function()
		wrong, expected, got = {}, {}, {}
		for sock, wanted in next, want do
			local now = sock:state()
			if now ~= wanted then
				wrong[#wrong + 1] = ("%s: expected %s, got %s"):format(sock.name, wanted, now)
			end
			expected[#expected + 1] = sock.name .. " " .. wanted
			got[#got + 1] = sock.name .. " " .. now
		end
		return #wrong == 0
	end, seconds or check.limit)
	if #wrong > 0 then
		sort(wrong) sort(expected) sort(got)
		fail("check.states", nil, concat(wrong, "\n"), {
			expected = concat(expected, ", "), got = concat(got, ", "),
			socket = wrong[1]:match("^(.-): "),
		})
	end
end

-- The states that a socket of the lab has passed through, in order.
local function trail_of(sock)
	local trail = {}
	for _, e in next, trace { events = true } do
		if e.event == "state" and e.host == sock.host and e.local_address == sock.local_address
			and (sock.kind == "listener" or e.peer_address == sock.peer_address) then
			trail[1] = trail[1] or e.before
			trail[#trail + 1] = e.state
		end
	end
	return trail
end

---Waits until the last states that a socket of a lab has passed through are these, up to the one it is
---in now: check.trail(c, "ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2"), or a list of them.
---@param sock tcpstep.socket
---@param want string|string[]
---@param seconds? number
function check.trail(sock, want, seconds)
	counted()
	want_socket("check.trail", sock)
	local wanted, got = {}, nil
	if type(want) == "table" then
		wanted = want
	else
		for name in want:gmatch("[%w_]+") do
			wanted[#wanted + 1] = name
		end
	end
	wanted = concat(wanted, " -> ")
	if not await(function()
		local trail = trail_of(sock)
		got = concat(trail, " -> ")
		return (" -> " .. got):sub(-#wanted - 4) == " -> " .. wanted
	end, seconds or check.limit) then
		fail("check.trail", nil, ("%s: expected %s, got %s"):format(sock.name, wanted,
			got == "" and "no change of state on the wire" or got),
			{ expected = wanted, got = got, socket = sock.name })
	end
end

---Waits until the connections that nobody has accepted yet have these states, and only they:
---check.waiting(l, "SYN_RCVD"). Without states: until none waits.
---@param listener tcpstep.socket
---@param ... string
function check.waiting(listener, ...)
	counted()
	want_socket("check.waiting", listener)
	local want, got = { ... }, nil
	local row_name = "(" .. listener.name .. ")"
	sort(want)
	want = concat(want, " ")
	if not await(function()
		got = {}
		for _, row in next, state() do
			if row.name == row_name then
				got[#got + 1] = row.state
			end
		end
		sort(got)
		got = concat(got, " ")
		return got == want
	end, check.limit) then
		want, got = want == "" and "none" or want, got == "" and "none" or got
		fail("check.waiting", nil, ("%s: expected to wait: %s; got: %s"):format(listener.name, want, got),
			{ expected = want, got = got, socket = listener.name })
	end
end

-- "the server", when the other end is a host of the lab.
local function peer_name(sock)
	local address = (sock.peer_address or ""):match("^%[?(.-)%]?:%d+$")
	for _, host in next, hosts() do
		if address and sock.host ~= "here" and (host.address == address or host.address6 == address) then
			return "the " .. host.name
		end
	end
	return "the peer"
end

---Waits for the end of stream: fails on bytes, a reset, or when nothing comes.
---@param sock tcpstep.socket
---@param seconds? number
function check.eof(sock, seconds)
	counted()
	want_socket("check.eof", sock)
	seconds = seconds or check.limit
	local ok, got = pcall(sock.recv, sock, { timeout = seconds })
	if ok and got == nil then
		return
	end
	local peer, cause = peer_name(sock), type(got) == "table" and got.code or nil
	local what = ok and literal(got) or cause or tostring(got)
	local told = ok and ("%d byte%s %s"):format(#got, #got == 1 and "" or "s", literal(got))
		or cause == "ECONNRESET" and ("RST from %s (recv raises ECONNRESET)"):format(peer)
		or cause == "timeout" and ("nothing for %s"):format(seconds_text(seconds))
		or what
	fail("check.eof", nil, ("%s: expected end of stream, got %s"):format(sock.name, what), {
		expected = ("FIN from %s (recv gives nil)"):format(peer),
		got = told, cause = cause, socket = sock.name,
	})
end

---------------------------------------------------------------- segments

local function lines(segs)
	local out = {}
	for i = 1, #segs < TOLD and #segs or TOLD do
		out[i] = match.line(segs[i])
	end
	if #segs > TOLD then
		out[TOLD + 1] = ("(%d more)"):format(#segs - TOLD)
	end
	return #out > 0 and concat(out, "\n") or "none"
end

---Fails unless the segment has these fields: check.segment(seg, {flags = "SYN,ACK", ack = 1}). Returns the
---segment.
---@param seg table|integer as held, show and trace give it, or its number
---@param want table
---@return table
function check.segment(seg, want)
	counted()
	verified("check.segment", want)
	seg = type(seg) == "table" and seg or show(seg)
	local wrong = match.differences(seg, want)
	if #wrong > 0 then
		fail("check.segment", nil, ("#%s: %s"):format(seg.number, concat(wrong, "\n")),
			{ expected = match.text(want), got = match.line(seg) })
	end
	return seg
end

---Waits until the wire holds a segment with these fields. Returns it, the oldest of them.
---@param want table
---@param seconds? number
---@return table
function check.held(want, seconds)
	counted()
	verified("check.held", want)
	local all
	return await(function()
		all = held()
		for i = 1, #all do
			if match.fits(all[i], want) then
				return all[i]
			end
		end
	end, seconds or check.limit) or fail("check.held", nil, ("%s is not held; held are:\n%s"):format(
		match.text(want), lines(all)), { expected = match.text(want), got = "not held" })
end

---Waits until a segment with these fields was on the wire, whatever became of it, and came after the
---one of that number. Returns it, the oldest of them.
---@param want table
---@param after? integer 0 when left out
---@param seconds? number
---@return table
function check.seen(want, after, seconds)
	counted()
	verified("check.seen", want)
	local all
	return await(function()
		all = trace { after = after or 0 }
		for i = 1, #all do
			if match.fits(all[i], want) then
				return all[i]
			end
		end
	end, seconds or check.limit) or fail("check.seen", nil, ("%s was not on the wire; there were:\n%s"):format(
		match.text(want), lines(all)), { expected = match.text(want), got = "not on the wire" })
end

-- Which segments are the wanted ones: a list as far as it goes, and with exact the first that is not.
local function follow(all, wanted, exact)
	local found = {}
	for i = 1, #all do
		if #found == #wanted then
			break
		elseif match.fits(all[i], wanted[#found + 1]) then
			found[#found + 1] = all[i]
		elseif exact then
			return found, all[i]
		end
	end
	return found
end

-- The sequence, a line each, with the numbers of those that came.
local function sequence_lines(wanted, found)
	local out = {}
	for i = 1, #wanted do
		out[i] = ("  %-4s %s"):format(found[i] and "#" .. found[i].number or "-", match.text(wanted[i]))
	end
	return concat(out, "\n")
end

---Waits until segments with these fields were on the wire in this order, others between them:
---check.sequence{{flags = "SYN"}, {flags = "SYN,ACK"}}. exact = true: no others before or between; what
---comes behind the last is not looked at. after = 3: from #4 on. Returns the segments.
---@param wanted table
---@param seconds? number
---@return table[]
function check.sequence(wanted, seconds)
	counted()
	for i = 1, #wanted do
		verified("check.sequence", wanted[i])
	end
	local all, found, other
	if await(function()
		all = trace { after = wanted.after or 0 }
		found, other = follow(all, wanted, wanted.exact)
		return other or #found == #wanted
	end, seconds or check.limit) and not other then
		return found
	end
	local missing = match.text(wanted[#found + 1])
	local text = other and ("#%d came where %s should be"):format(other.number, missing)
		or missing .. " did not come"
	fail("check.sequence", nil, ("%s:\n%s\nthere were:\n%s"):format(text, sequence_lines(wanted, found),
		lines(all)), { expected = missing, got = other and match.line(other) or "nothing of the kind" })
end

---Fails when a segment that meets WHEN was on the wire, from the beginning of the lab up to now, or comes
---within so many seconds. WHEN is that of `continue until` ("RST from server"), a table of fields, or a
---function of the segment. So it belongs at the end of what it guards.
---@param when string|table|function
---@param seconds? number 0 when left out
function check.never(when, seconds)
	counted()
	local words = type(when) == "string"
	local meets = type(when) == "function" and when or function(seg) return match.fits(seg, when) end
	if not words and meets ~= when then
		verified("check.never", when)
	end
	local function first()
		local all = words and trace(when) or trace()
		for i = 1, #all do
			if words or meets(all[i]) then
				return all[i]
			end
		end
	end
	local seg = await(first, seconds or 0)
	if seg then
		local text = words and when or type(when) == "table" and match.text(when) or "what the function wants"
		fail("check.never", nil, ("%s was on the wire: %s"):format(text, match.line(seg)),
			{ expected = "never " .. text, got = match.line(seg) })
	end
end

return check
