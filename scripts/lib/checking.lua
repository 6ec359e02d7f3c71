-- checking.lua - what all checks have in common: they are counted, wait, and fail with the script's line.

local error_meta, shell, private = ...
local checking = {}

local literal = require("tcpstep.values").literal
-- What the script does to its globals later does not matter here.
local type, setmetatable, error, now = type, setmetatable, error, shell.now
local getinfo, huge, sleep, concat = debug.getinfo, math.huge, sleep, table.concat

---@class tcpstep.check
---@field limit number seconds that a check waits for what has not happened yet; 1 at first
---@overload fun(v: any, msg?: string): any
checking.check = { limit = 1 }

-- The runner wants to know that something was checked at all.
checking.counted = private.checked

local STATES = { "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
	"CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT" }

-- A look costs some microseconds; what is awaited comes mostly at once.
local FIRST_PAUSE, LAST_PAUSE = 0.0005, 0.01

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

-- What the script says of a check; it may be any value.
function checking.said(msg)
	return type(msg) == "string" and msg or literal(msg)
end

function checking.fail(op, msg, text, fields)
	fields.code, fields.op = "check", op
	fields.message = (msg and checking.said(msg) .. ": " or "") .. text
	fields.hint = fields.hint or ""
	fields.where = where()
	error(setmetatable(fields, error_meta), 0)
end

-- Misuse of check itself.
function checking.misuse(op, text, hint)
	checking.fail(op, nil, text, { hint = hint, misuse = true })
end

function checking.socket(op, sock)
	if type(sock) ~= "userdata" or not sock.kind then
		checking.misuse(op, "a socket is expected, got " .. literal(sock),
			"The name of a socket that the kernel has forgotten gives nil; keep it in a variable.")
	end
end

-- The seconds that a check was given, else the standard ones or check.limit.
function checking.seconds(op, given, standard)
	local seconds, limit = given == nil and standard or given, ""
	if seconds == nil then
		seconds, limit = checking.check.limit, "check.limit: "
	end
	if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
		checking.misuse(op, limit .. "seconds are expected, not " .. literal(seconds))
	end
	return seconds
end

-- The state by its usual name.
function checking.state(op, name)
	local state = type(name) == "string" and shell.state(name)
	if not state then
		local near = type(name) == "string" and shell.nearest(name:upper(), STATES)
		checking.misuse(op, "there is no state " .. literal(name), near and "Did you mean " .. near .. "?"
			or "The states: " .. concat(STATES, ", "))
	end
	return state
end

function checking.seconds_text(seconds)
	return ("%g s"):format(seconds)
end

-- Calls look until it gives a value that is true, or the time is over; returns that, or the last one,
-- and the seconds that it took. A pause counts as what was asked for: a busy machine makes nothing late.
function checking.await(look, seconds)
	local pause, passed = 0, 0
	while true do
		local began = now()
		local value = look()
		passed = passed + now() - began
		if value or passed >= seconds then
			return value, passed
		end
		pause = pause == 0 and FIRST_PAUSE or pause * 1.5 < LAST_PAUSE and pause * 1.5 or LAST_PAUSE
		sleep(pause)
		passed = passed + pause
	end
end

-- Until it is closed, calls without a timeout of their own end after so many seconds.
function checking.limited(seconds)
	local outer = private.deadline(0)
	local own = now() + seconds
	private.deadline(outer > 0 and outer < own and outer or own)
	return setmetatable({}, { __close = function() private.deadline(outer) end })
end

-- What comes so little after the limit is no later than a pause could make it.
function checking.is_late(passed, seconds)
	return passed > seconds + LAST_PAUSE
end

return checking
