-- check.lua - `check`: expectations that say, when they fail, where and by how much.
--
-- A failed check raises an error object of the program's own kind: code "check", op ("check.equal"),
-- message, hint, where (file and line of the script), expected and got. What needs time is awaited,
-- not slept for: check.state and the like look again and again, until it is so or the limit is over.

---@class check
---@field limit number seconds that a check waits for what has not happened yet; 1 at first
---@overload fun(v: any, msg?: string): any
local check = { limit = 1 }

local error_meta, _, private = ...
-- What the script does to its globals later does not matter here.
local type, next, tostring, pcall, getmetatable = type, next, tostring, pcall, getmetatable
local getinfo, sort, concat, huge = debug.getinfo, table.sort, table.concat, math.huge
local sleep, state, held, show = sleep, state, held, show
-- The runner wants to know that something was checked at all.
local counted = private.checked

-- A look costs some microseconds; what is awaited comes mostly at once.
local FIRST_PAUSE, LAST_PAUSE = 0.0005, 0.01

---------------------------------------------------------------- values as text

local function printable(s)
	return (s:gsub("[%c\\\"\x7f-\xff]", function(c)
		local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }
		return short[c] or ("\\x%02x"):format(c:byte())
	end))
end

local function literal(v, depth)
	if type(v) == "string" then
		local rest = #v > 60 and (' ... (%d bytes)'):format(#v) or ""
		return '"' .. printable(v:sub(1, 60)) .. '"' .. rest
	end
	if type(v) ~= "table" or (getmetatable(v) or {}).__tostring then
		return tostring(v)
	end
	if (depth or 0) > 2 then
		return "{...}"
	end
	local parts = {}
	for key, value in next, v do
		local name = type(key) == "string" and key or "[" .. tostring(key) .. "]"
		parts[#parts + 1] = name .. " = " .. literal(value, (depth or 0) + 1)
	end
	sort(parts)
	return "{" .. concat(parts, ", ") .. "}"
end

local function hex(s)
	return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end):sub(1, -2))
end

---------------------------------------------------------------- failing

-- The script's line that called: the first one outside of this file.
local function where()
	local own = getinfo(1, "S").source
	for level = 2, huge do
		local info = getinfo(level, "Sl")
		if not info then
			return ""
		end
		if info.source ~= own and info.currentline > 0 then
			return info.short_src .. ":" .. info.currentline
		end
	end
end

local function fail(op, msg, text, expected, got, hint)
	error(setmetatable({
		code = "check",
		op = op,
		message = (msg and msg .. ": " or "") .. text,
		hint = hint or "",
		where = where(),
		expected = expected,
		got = got,
	}, error_meta), 0)
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
			fail("check", nil, msg or "the value is " .. tostring(v), "true", tostring(v))
		end
		return v
	end,
})

local function text_difference(got, want)
	local at = 1
	while at <= #got and got:byte(at) == want:byte(at) do
		at = at + 1
	end
	local a, b = got:sub(at, at + 7), want:sub(at, at + 7)
	return ('byte %d: got %s "%s", expected %s "%s" (%d bytes, expected %d)'):format(
		at, hex(a), printable(a), hex(b), printable(b), #got, #want)
end

-- Adds to out what differs, a line each: "a.b: got 1, expected 2".
local function differences(got, want, path, out, depth)
	if rawequal(got, want) or (got == want and type(got) ~= "table") then
		return
	end
	if type(got) ~= "table" or type(want) ~= "table" or depth > 20 then
		local text = type(got) == "string" and type(want) == "string" and #got + #want > 60
			and text_difference(got, want)
			or ("got %s, expected %s"):format(literal(got), literal(want))
		out[#out + 1] = path == "" and text or path .. ": " .. text
		return
	end
	local keys = {}
	for key in next, got do keys[key] = true end
	for key in next, want do keys[key] = true end
	for key in next, keys do
		local name = type(key) == "string" and (path == "" and key or "." .. key)
			or "[" .. tostring(key) .. "]"
		differences(got[key], want[key], path .. name, out, depth + 1)
	end
end

---Fails unless both are equal; tables are compared by what is in them. Says only what differs.
---@param got any
---@param want any
---@param msg? string
function check.equal(got, want, msg)
	counted()
	local out = {}
	differences(got, want, "", out, 0)
	if #out > 0 then
		sort(out)
		local n = #out
		if n > 20 then
			out[21] = ("(%d more differences)"):format(n - 20)
		end
		fail("check.equal", msg, concat(out, "\n", 1, n > 20 and 21 or n), want, got)
	end
end

---Fails unless f(...) raises an error with this code ("ECONNREFUSED", "timeout"). Returns the error.
---@param code string
---@param f function
---@return tcpstep.error
function check.fails(code, f, ...)
	counted()
	local ok, err = pcall(f, ...)
	local got = ok and "no error" or type(err) == "table" and err.code or tostring(err)
	if got ~= code then
		local more = not ok and type(err) == "table" and " (" .. tostring(err.message) .. ")" or ""
		fail("check.fails", nil, ("expected the error %s, got %s%s"):format(code, got, more), code, got)
	end
	return err
end

---Waits until f() gives a value that is true; fails when it does not within so many seconds.
---@generic T
---@param seconds number
---@param f fun(): T
---@param msg? string
---@return T
function check.within(seconds, f, msg)
	counted()
	local v = await(f, seconds)
	if not v then
		fail("check.within", msg, ("not within %g s"):format(seconds), "true", tostring(v))
	end
	return v
end

---------------------------------------------------------------- sockets

local function want_socket(op, sock)
	if type(sock) ~= "userdata" then
		fail(op, nil, "a socket is expected, got " .. literal(sock), "a socket", sock,
			"The name of a socket that the kernel has forgotten gives nil; keep it in a variable.")
	end
end

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
		fail("check.state", nil, ("%s: expected %s, got %s"):format(sock.name, want, got), want, got)
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
	local wrong
	await(function()
		wrong = {}
		for sock, wanted in next, want do
			local got = sock:state()
			if got ~= wanted then
				wrong[#wrong + 1] = ("%s: expected %s, got %s"):format(sock.name, wanted, got)
			end
		end
		return #wrong == 0
	end, seconds or check.limit)
	if #wrong > 0 then
		sort(wrong)
		fail("check.states", nil, concat(wrong, "\n"), want)
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
		fail("check.waiting", nil, ("%s: expected to wait: %s; got: %s"):format(listener.name,
			want == "" and "none" or want, got == "" and "none" or got), want, got)
	end
end

---Waits for the end of stream: fails on bytes, a reset, or when nothing comes.
---@param sock tcpstep.socket
---@param seconds? number
function check.eof(sock, seconds)
	counted()
	want_socket("check.eof", sock)
	local ok, got = pcall(sock.recv, sock, { timeout = seconds or check.limit })
	if ok and got == nil then
		return
	end
	local what = ok and literal(got) or type(got) == "table" and got.code or tostring(got)
	fail("check.eof", nil, ("%s: expected end of stream, got %s"):format(sock.name, what),
		"end of stream", what)
end

---------------------------------------------------------------- segments

local function flag_set(text)
	local names = {}
	for name in text:gmatch("%w+") do
		names[#names + 1] = name
	end
	sort(names)
	return concat(names, ",")
end

local function field_matches(name, got, want)
	if type(want) == "function" then
		return want(got)
	elseif name == "flags" then
		return flag_set(got) == flag_set(want)
	elseif type(want) == "table" and type(got) == "table" then
		for key, value in next, want do
			if not field_matches(key, got[key], value) then
				return false
			end
		end
		return true
	end
	return got == want
end

local function mismatches(seg, want)
	local out = {}
	for name, value in next, want do
		if not field_matches(name, seg[name], value) then
			out[#out + 1] = ("%s: got %s, expected %s"):format(name, literal(seg[name]),
				type(value) == "function" and "another" or literal(value))
		end
	end
	sort(out)
	return out
end

local function matches(seg, want)
	return #mismatches(seg, want) == 0
end

local function line(seg)
	return ("#%d %s %s -> %s seq=%d ack=%d len=%d %s"):format(seg.number, seg.flags, seg.from, seg.to,
		seg.seq, seg.ack, seg.len, seg.fate)
end

local function lines(segs)
	local out = {}
	for i = 1, #segs do
		out[i] = line(segs[i])
	end
	return #out > 0 and concat(out, "\n", 1, #out < 20 and #out or 20) or "none"
end

---Fails unless the segment has these fields: check.segment(seg, {flags = "SYN,ACK", ack = 1}). A
---field may be a function that is given the value. flags may stand in any order. Returns the segment.
---@param seg table|integer as held and show give it, or its number
---@param want table
---@return table
function check.segment(seg, want)
	counted()
	seg = type(seg) == "table" and seg or show(seg)
	local wrong = mismatches(seg, want)
	if #wrong > 0 then
		fail("check.segment", nil, ("#%s: %s"):format(seg.number, concat(wrong, "\n")), want, seg)
	end
	return seg
end

---Waits until the wire holds a segment with these fields. Returns it, the oldest of them.
---@param want table
---@param seconds? number
---@return table
function check.held(want, seconds)
	counted()
	local all
	return await(function()
		all = held()
		for i = 1, #all do
			if matches(all[i], want) then
				return all[i]
			end
		end
	end, seconds or check.limit) or fail("check.held", nil, ("%s is not held; held are:\n%s"):format(
		literal(want), lines(all)), want, all)
end

---Waits until a segment with these fields was on the wire, whatever became of it, and came after the
---one of that number. Returns it, the oldest of them.
---@param want table
---@param after? integer 0 when left out
---@param seconds? number
---@return table
function check.seen(want, after, seconds)
	counted()
	local all
	return await(function()
		all = {}
		for number = (after or 0) + 1, huge do
			local there, seg = pcall(show, number)
			if not there then
				return nil
			end
			all[#all + 1] = seg
			if matches(seg, want) then
				return seg
			end
		end
	end, seconds or check.limit) or fail("check.seen", nil, ("%s was not on the wire; there were:\n%s"):format(
		literal(want), lines(all)), want, all)
end

return check
