-- check_segments.lua - the part of `check` that looks at the wire: segment, held, seen, sequence, never.

local checking, match = require("tcpstep.checking"), require("tcpstep.match")
local check, counted, fail, misuse, await = checking.check, checking.counted, checking.fail, checking.misuse,
	checking.await
local seconds_of, literal = checking.seconds, require("tcpstep.values").literal
-- What the script does to its globals later does not matter here.
local type, next, math_type, concat = type, next, math.type, table.concat
local held, show, trace, hosts = held, show, trace, hosts

-- Of a long list so many are told.
local TOLD = 20

-- The names that from and to may have: "-" is none of the lab's. Nil without a lab: a capture has its own.
local function host_names()
	local names = { "-" }
	for _, host in next, hosts() do
		names[#names + 1] = host.address and host.name or nil
	end
	return #names > 1 and names or nil
end

local function verified(op, want)
	local wrong = match.mistake(want, host_names())
	if wrong then
		misuse(op, wrong)
	end
	return want
end

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
	if next(want) == nil then
		misuse("check.segment", "no field is wanted, so any segment would do")
	end
	if type(seg) ~= "table" and math_type(seg) ~= "integer" then
		misuse("check.segment", "a segment or its number is expected, not " .. literal(seg))
	end
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
	seconds = seconds_of("check.held", seconds)
	local all
	return await(function()
		all = held()
		for i = 1, #all do
			if match.meets(all[i], want) then
				return all[i]
			end
		end
	end, seconds) or fail("check.held", nil, ("%s is not held; held are:\n%s"):format(
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
	seconds = seconds_of("check.seen", seconds)
	if after ~= nil and math_type(after) ~= "integer" then
		misuse("check.seen", "the number of a segment is expected before the seconds, not " .. literal(after),
			"check.seen(what, 0, 0.5) looks at all of them, for half a second.")
	end
	local all
	return await(function()
		all = trace { after = after or 0 }
		for i = 1, #all do
			if match.meets(all[i], want) then
				return all[i]
			end
		end
	end, seconds) or fail("check.seen", nil, ("%s was not on the wire; there were:\n%s"):format(
		match.text(want), lines(all)), { expected = match.text(want), got = "not on the wire" })
end

-- Which segments are the wanted ones: a list as far as it goes, and with exact the first that is not.
local function follow(all, wanted, exact)
	local found = {}
	for i = 1, #all do
		if #found == #wanted then
			break
		elseif match.meets(all[i], wanted[#found + 1]) then
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

-- What stands in a sequence beside the segments.
local function sequence_mistake(wanted)
	for name, value in next, wanted do
		if name == "exact" and type(value) ~= "boolean" then
			return "exact: true or false is expected, not " .. literal(value)
		elseif name == "after" and math_type(value) ~= "integer" then
			return "after: a number of a segment is expected, not " .. literal(value)
		elseif name ~= "exact" and name ~= "after" and not (math_type(name) and name >= 1 and name <= #wanted) then
			return ("a sequence has no %s; there are exact and after"):format(literal(name))
		end
	end
end

---Waits until segments with these fields were on the wire in this order, others between them:
---check.sequence{{flags = "SYN"}, {flags = "SYN,ACK"}}. exact = true: no others before or between; what
---comes behind the last is not looked at. after = 3: from #4 on. Returns the segments.
---@param wanted table
---@param seconds? number
---@return table[]
function check.sequence(wanted, seconds)
	counted()
	seconds = seconds_of("check.sequence", seconds)
	if type(wanted) ~= "table" or #wanted == 0 then
		misuse("check.sequence", "a list is expected: check.sequence{{flags = \"SYN\"}, {flags = \"SYN,ACK\"}}")
	end
	local wrong = sequence_mistake(wanted)
	if wrong then
		misuse("check.sequence", wrong)
	end
	for i = 1, #wanted do
		verified("check.sequence", wanted[i])
	end
	local all, found, other
	if await(function()
		all = trace { after = wanted.after or 0 }
		found, other = follow(all, wanted, wanted.exact)
		return other or #found == #wanted
	end, seconds) and not other then
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
	seconds = seconds_of("check.never", seconds, 0)
	local words = type(when) == "string"
	local meets = type(when) == "function" and when or function(seg) return match.meets(seg, when) end
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
	local seg = await(first, seconds)
	if seg then
		local text = words and when or type(when) == "table" and match.text(when) or "what the function wants"
		fail("check.never", nil, ("%s was on the wire: %s"):format(text, match.line(seg)),
			{ expected = "never " .. text, got = match.line(seg) })
	end
end
