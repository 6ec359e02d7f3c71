-- facts.lua - what has happened in a lesson: calls, states, segments; and views of what is new.
--
-- The shell tells of calls that ended and of states that sockets passed through; the rows of `state`
-- and the segments on the wire are looked up. A mark is a moment; a view is what came after it. What is
-- so now (rows, held segments) is the same in all views.

local ipairs, math, setmetatable = ipairs, math, setmetatable
local table, tonumber, type = table, tonumber, type
local facts = {}
facts.__index = facts

local view = {}
view.__index = view

local pcall, state, show, held, trace, hosts = pcall, state, show, held, trace, hosts
local KINDS = { l = "listen", c = "connect", s = "accept" }

-- A loop of a learner's may make a million calls, with a megabyte each: so many are kept, and so much.
local CALLS_MAX, VALUE_MAX = 20000, 4096

function facts.new()
	return setmetatable({ all_calls = {}, forgotten = 0, all_states = {}, last = {}, segments = {}, moving = {} },
		facts)
end

---------------------------------------------------------------- told by the shell

function facts:called(call)
	if self.looking then
		return
	end
	local calls = self.all_calls
	call.kind = KINDS[call.kind]
	-- How many segments were on the wire by then, as far as it was looked at.
	call.after = #self.segments
	if type(call.value) == "string" then
		call.bytes, call.value = #call.value, call.value:sub(1, VALUE_MAX)
	end
	if #calls >= CALLS_MAX then
		self.forgotten = self.forgotten + CALLS_MAX // 2
		self.all_calls = table.move(calls, CALLS_MAX // 2 + 1, #calls, 1, {})
		calls = self.all_calls
	end
	calls[#calls + 1] = call
end

local function passed(self, row, name)
	if self.last[row.socket] ~= name then
		self.last[row.socket] = name
		self.all_states[#self.all_states + 1] = {
			socket = row.socket, host = row.host, kind = row.kind, state = name }
	end
end

function facts:observed(news)
	news.kind = KINDS[news.kind]
	for _, name in ipairs(news.trail) do
		passed(self, news, name)
	end
end

---------------------------------------------------------------- looked up

-- A row of `state` with what conditions ask for: host, kind, is, port.
local function complete(row)
	local waits, host, letter = row.name:match("^(%(?)([%w_-]-)%.?([lcs])%d+%)?$")
	row.socket, row.is = row.name, row.state
	row.host = host == "" and "here" or host
	row.kind = waits == "(" and "waiting" or KINDS[letter]
	row.port = tonumber(row.local_address:match(":(%d+)$"))
	row.peer_port = tonumber(row.peer_address:match(":(%d+)$"))
	return row
end

local function rows_now()
	local there, rows = pcall(state)
	if not there then
		return {}
	end
	for _, row in ipairs(rows) do
		complete(row)
	end
	return rows
end

-- Once delivered or dropped a segment does not change any more.
local function look_at_segments(self)
	local moving = {}
	local function look(number)
		local there, seg = pcall(show, number)
		if there then
			self.segments[number] = seg
			moving[#moving + 1] = seg.fate == "held" and number or nil
		end
		return there
	end
	for _, number in ipairs(self.moving) do
		look(number)
	end
	while look(#self.segments + 1) do end
	self.moving = moving
end

---Looks at sockets and segments again: views then show what is so now.
function facts:look()
	-- These calls are nobody's doing.
	self.looking = true
	self.lab = #hosts() > 1
	self.rows = rows_now()
	for _, row in ipairs(self.rows) do
		if row.kind ~= "waiting" then
			passed(self, row, row.is)
		end
	end
	-- held fetches what a host has just sent.
	local there, all = pcall(held)
	self.held = there and all or {}
	look_at_segments(self)
	self.looking = false
end

---All that the wire has told of.
function facts:events()
	self.looking = true
	local there, events = pcall(trace, { events = true })
	self.looking = false
	return there and events or {}
end

---The present moment.
function facts:mark()
	local fates = {}
	self:look()
	for i, seg in ipairs(self.segments) do
		fates[i] = seg.fate
	end
	return { calls = self.forgotten + #self.all_calls, states = #self.all_states, fates = fates }
end

---------------------------------------------------------------- views

---What has happened since a mark; look first.
function facts:since(mark)
	return setmetatable({ facts = self, mark = mark }, view)
end

local function after(list, n)
	return table.move(list, n + 1, #list, 1, {})
end

---Commands that have ended, typed or from Lua: {command, host, socket, kind, value, after} or {..., code, message};
---after: the number of the last segment before it. Of one such as history args are its arguments, by name.
function view:calls()
	return after(self.facts.all_calls, math.max(0, self.mark.calls - self.facts.forgotten))
end

---States that sockets came into: {socket, host, kind, state}, in order.
function view:states()
	return after(self.facts.all_states, self.mark.states)
end

---Segments that came onto the wire.
function view:segments()
	return after(self.facts.segments, #self.mark.fates)
end

---Segments that met that fate ("delivered", "dropped"), also older ones.
function view:moved(fate)
	local out = {}
	for i, seg in ipairs(self.facts.segments) do
		if seg.fate == fate and self.mark.fates[i] ~= fate then
			out[#out + 1] = seg
		end
	end
	return out
end

---When each segment was sent and delivered, in seconds: {sent = {[number] = s}, delivered = {...}}.
function view:times()
	local out = { sent = {}, delivered = {} }
	for _, event in ipairs(self.facts:events()) do
		if out[event.event] then
			out[event.event][event.number] = event.time
		end
	end
	return out
end

---Segments that the wire holds now.
function view:held()
	return self.facts.held
end

---The rows of `state` as they are now.
function view:rows()
	return self.facts.rows
end

return facts
