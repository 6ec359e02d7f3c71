-- condition.lua - what a step of a lesson waits for: a table that is checked against what happened.
--
-- scripts/tutorial/README.md lists the fields. All fields of a condition have to hold; each is checked
-- against a view (facts.lua) of what has happened since the step began.

local table = table
local match = require "tcpstep.match"
local condition = {}

local next, type, ipairs, tostring, pcall = next, type, ipairs, tostring, pcall

-- Does a record (a row of state, a call) have these fields? count is about how many have.
local function fits(record, want)
	for name, value in next, want do
		if name ~= "count" and not match.value(record[name], value, name) then
			return false
		end
	end
	return true
end

local function some(records, want)
	local n = 0
	for _, record in ipairs(records) do
		n = n + (fits(record, want) and 1 or 0)
	end
	if want.count ~= nil then
		return match.value(n, want.count)
	end
	return n > 0
end

local function some_segment(segments, want)
	for _, seg in ipairs(segments) do
		if match.fits(seg, want) then
			return true
		end
	end
	return false
end

-- Positional states in this order, others between them or not, by a socket that fits the rest.
local function trail(view, want)
	local at = {}
	for _, passed in ipairs(view:states()) do
		local named = match.value(passed.host, want.host or passed.host)
			and match.value(passed.kind, want.kind or passed.kind)
			and match.value(passed.socket, want.socket or passed.socket)
		local n = at[passed.socket] or 0
		if named and passed.state == want[n + 1] then
			at[passed.socket] = n + 1
			if n + 1 == #want then
				return true
			end
		end
	end
	return false
end

local function calls(view, command)
	local out = {}
	for _, call in ipairs(view:calls()) do
		if not call.code and (not command or call.command == command) then
			out[#out + 1] = call
		end
	end
	return out
end

-- What each socket has received since then, all calls together.
local function received(view)
	local by_name, out = {}, {}
	for _, call in ipairs(calls(view, "recv")) do
		local got = by_name[call.socket]
		if not got then
			got = { socket = call.socket, host = call.host, kind = call.kind, data = "", bytes = 0, calls = 0 }
			by_name[call.socket] = got
			out[#out + 1] = got
		end
		got.calls = got.calls + 1
		got.eof = got.eof or call.value == nil
		if type(call.value) == "string" and #got.data < 4096 then
			got.data = got.data .. call.value
		end
		got.bytes = got.bytes + (call.bytes or 0)
	end
	return out
end

local function errors(view)
	local out = {}
	for _, call in ipairs(view:calls()) do
		out[#out + 1] = call.code and call or nil
	end
	return out
end

local SOCKET = { "host", "socket", "kind" }
local ROW = { "host", "socket", "kind", "is", "port", "peer_port", "local_address", "peer_address",
	"recvq", "sendq", "queue", "backlog", "timer", "timer_ms", "retransmits", "count" }
local CALL = { "host", "socket", "kind", "command", "argument", "value", "bytes", "count" }

local with_fate = function(fate)
	return function(view, want)
		return some_segment(view:moved(fate), want)
	end
end

-- What each field of a condition means, and which fields its own table may have (nil: a segment's).
local meanings = {
	segment = { function(view, want) return some_segment(view:segments(), want) end },
	held = { function(view, want) return some_segment(view:held(), want) end },
	delivered = { with_fate("delivered") },
	dropped = { with_fate("dropped") },
	state = { function(view, want) return some(view:rows(), want) end, ROW },
	listening = { function(view, want)
		for _, row in ipairs(view:rows()) do
			if row.is == "LISTEN" and fits(row, want) then
				return true
			end
		end
	end, ROW },
	trail = { trail, SOCKET },
	accepted = { function(view, want) return some(calls(view, "accept"), want) end, CALL },
	connected = { function(view, want) return some(calls(view, "connect"), want) end, CALL },
	called = { function(view, want) return some(calls(view), want) end, CALL },
	recv = { function(view, want) return some(received(view), want) end,
		{ "host", "socket", "kind", "data", "bytes", "calls", "eof", "count" } },
	error = { function(view, want) return some(errors(view), want) end,
		{ "host", "socket", "kind", "command", "code", "message", "count" } },
}

local holds

local function any_holds(list, view)
	for _, one in ipairs(list) do
		if holds(one, view) then
			return true
		end
	end
	return false
end

local function all_hold(list, view)
	for _, one in ipairs(list) do
		if not holds(one, view) then
			return false
		end
	end
	return true
end

local combined = {
	any = any_holds, all = all_hold,
	not_ = function(one, view) return not holds(one, view) end,
	test = function(one, view) return holds(one, view) end,
}

function holds(cond, view)
	if type(cond) == "function" then
		return not not cond(view)
	end
	for name, want in next, cond do
		local is = combined[name] and combined[name](want, view) or meanings[name] and meanings[name][1](view, want)
		if not is then
			return false
		end
	end
	return true
end

---Does it hold now? A function of a lesson that fails counts as no; its error is the second result.
---@param cond table|function
---@return boolean, string?
function condition.holds(cond, view)
	local ok, result = pcall(holds, cond, view)
	return ok and result, not ok and tostring(result) or nil
end

---------------------------------------------------------------- mistakes

local add

local function add_list(out, where, list)
	if type(list) ~= "table" or #list == 0 then
		out[#out + 1] = where .. ": a list of conditions is expected"
		return
	end
	for i, one in ipairs(list) do
		add(out, ("%s[%d]"):format(where, i), one)
	end
end

local STATES = {}
for name in ([[CLOSED LISTEN SYN_SENT SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING
	LAST_ACK TIME_WAIT]]):gmatch("%S+") do
	STATES[name] = true
end

local function add_states(out, where, want, name)
	for field, value in next, want do
		local place = name == "trail" and type(field) == "number" and where
			or field == "is" and where .. ".is"
		if place and type(value) == "string" and not STATES[value] then
			out[#out + 1] = ("%s: there is no state \"%s\""):format(place, value)
		end
	end
end

local function add_fields(out, where, want, known, name)
	local allowed = {}
	for _, field in ipairs(known) do allowed[field] = true end
	for field, value in next, want do
		if not allowed[field] and not (name == "trail" and type(field) == "number") then
			out[#out + 1] = ("%s: there is no field \"%s\"; there are %s"):format(where, tostring(field),
				table.concat(known, ", "))
		else
			out[#out + 1] = match.value_mistake(where .. "." .. field, value)
		end
	end
end

local function add_one(out, where, name, want)
	local meaning = meanings[name]
	if name == "any" or name == "all" then
		add_list(out, where .. "." .. name, want)
	elseif name == "not_" or name == "test" then
		add(out, where .. "." .. name, want)
	elseif not meaning then
		out[#out + 1] = ("%s: there is no condition \"%s\""):format(where, tostring(name))
	elseif type(want) ~= "table" then
		out[#out + 1] = ("%s.%s: a table of fields is expected"):format(where, name)
	elseif meaning[2] then
		add_fields(out, where .. "." .. name, want, meaning[2], name)
		add_states(out, where .. "." .. name, want, name)
	else
		local wrong = match.mistake(want)
		out[#out + 1] = wrong and ("%s.%s: %s"):format(where, name, wrong)
	end
end

function add(out, where, cond)
	if type(cond) == "function" then
		return
	elseif type(cond) ~= "table" or next(cond) == nil then
		out[#out + 1] = where .. ": a condition is expected, as in {state = {is = \"LISTEN\"}}"
		return
	end
	for name, want in next, cond do
		add_one(out, where, name, want)
	end
end

---What is wrong with a condition: sentences, sorted.
---@param where string what it is called: "done"
---@param cond any
---@return string[]
function condition.mistakes(where, cond)
	local out = {}
	add(out, where, cond)
	table.sort(out)
	return out
end

return condition
