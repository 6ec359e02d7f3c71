-- match.lua - does a segment fit a table of fields?
--
--     match.fits(show(4), {flags = "SYN,ACK", from = "server", ack = 1, len = {">", 0}})
--
-- A segment is what show, held and trace give: number, from, to (hosts), from_address, to_address,
-- flags, seq, ack (relative), raw_seq, raw_ack, window, raw_window, ecn, len, data, options (mss, wscale,
-- sack_permitted, tsval, tsecr, sack, cookie), fate ("held", "delayed", "delivered", "dropped",
-- "seen"), why, fault, checksum_ok, injected, altered, copy_of, again, copies, data_cut,
-- options_cut, delay. Of the addresses there are also sport, dport and port (one of the two).
--
-- What is wanted of a field is one of:
--     a value           it is equal; flags in any order, but these and no others
--     true, false       for a field that may be absent: it is there, it is not
--     {"=", v}          and "!=", "<", "<=", ">", ">=" for numbers and texts
--     {"has", "FIN"}    among the flags; within a text
--     {"any", a, b}     one of these
--     {"not", v}        not that: match.not_(v)
--     a function        that is given the field and says so
--     a table           its fields in turn: options = {mss = 1460}
-- Which fields there are and how they are wanted is checked: a misspelt one is an error, not a miss.

local match = {}

-- What a script does to its globals later does not matter here.
local type, next, tostring, tonumber, error = type, next, tostring, tonumber, error
local sort, concat = table.sort, table.concat
local fields, values = require "tcpstep.match_fields", require "tcpstep.values"

local function flag_set(text)
	local names = {}
	for name in text:gmatch("%w+") do
		names[#names + 1] = name:upper()
	end
	sort(names)
	return concat(names, ",")
end

local function port(address)
	return address and tonumber(address:match(":(%d+)$"))
end

-- The value of a field; of `port` there are two.
local function field(seg, name)
	if name == "sport" then
		return port(seg.from_address)
	elseif name == "dport" then
		return port(seg.to_address)
	end
	return seg[name]
end

---------------------------------------------------------------- one field

local fits_value

local function comparable(a, b)
	return type(a) == type(b) and (type(a) == "number" or type(a) == "string")
end

local function equal(name, got, want)
	if name == "flags" and type(got) == "string" and type(want) == "string" then
		return flag_set(got) == flag_set(want)
	end
	return got == want
end

local operators = {
	["="] = function(name, got, want) return equal(name, got, want[2]) end,
	["!="] = function(name, got, want) return not equal(name, got, want[2]) end,
	["<"] = function(_, got, want) return comparable(got, want[2]) and got < want[2] end,
	["<="] = function(_, got, want) return comparable(got, want[2]) and got <= want[2] end,
	[">"] = function(_, got, want) return comparable(got, want[2]) and got > want[2] end,
	[">="] = function(_, got, want) return comparable(got, want[2]) and got >= want[2] end,
	["not"] = function(name, got, want) return not fits_value(name, got, want[2]) end,
	has = function(name, got, want)
		if type(got) ~= "string" then
			return false
		elseif name ~= "flags" then
			return got:find(want[2], 1, true) ~= nil
		end
		local there = "," .. flag_set(got) .. ","
		for flag in want[2]:gmatch("%w+") do
			if not there:find("," .. flag:upper() .. ",", 1, true) then
				return false
			end
		end
		return true
	end,
	any = function(name, got, want)
		for i = 2, #want do
			if fits_value(name, got, want[i]) then
				return true
			end
		end
		return false
	end,
}
operators["=="], operators["~="] = operators["="], operators["!="]

local function fits_fields(got, want)
	for name, value in next, want do
		if not fits_value(name, got[name], value) then
			return false
		end
	end
	return true
end

function fits_value(name, got, want)
	if type(want) == "function" then
		return not not want(got)
	elseif type(want) == "boolean" then
		return want == not not got
	elseif type(want) ~= "table" then
		return equal(name, got, want)
	elseif type(want[1]) == "string" then
		return operators[want[1]](name, got, want)
	end
	return type(got) == "table" and fits_fields(got, want)
end

local function fits_field(seg, name, want)
	if name == "port" then
		return fits_value(name, port(seg.from_address), want)
			or fits_value(name, port(seg.to_address), want)
	end
	return fits_value(name, field(seg, name), want)
end

---------------------------------------------------------------- as text

local function quoted(v)
	if type(v) ~= "string" then
		return tostring(v)
	end
	return values.quoted(v, 40) .. (#v > 40 and "..." or "")
end

-- A wanted value as a sentence has it: "SYN,ACK", > 0, not "RST", one of 1, 2.
local function wanted_text(want)
	if type(want) == "function" then
		return "what a function wants"
	elseif type(want) ~= "table" then
		return quoted(want)
	end
	local parts = {}
	if type(want[1]) == "string" then
		for i = 2, #want do
			parts[i - 1] = wanted_text(want[i])
		end
		return (want[1] == "any" and "one of" or want[1]) .. " " .. concat(parts, ", ")
	end
	for name, value in next, want do
		parts[#parts + 1] = tostring(name) .. " = " .. wanted_text(value)
	end
	sort(parts)
	return "{" .. concat(parts, ", ") .. "}"
end

---What is wanted, in one line: 'flags "SYN", len > 0'.
---@param want table
---@return string
function match.text(want)
	local parts = {}
	for name, value in next, want do
		local operator = type(value) == "table" and type(value[1]) == "string"
		parts[#parts + 1] = name .. (operator and " " or " = ") .. wanted_text(value)
	end
	sort(parts)
	return #parts > 0 and concat(parts, ", ") or "any segment"
end

---------------------------------------------------------------- the doors

---What is wrong with a table of wanted fields, or with what is wanted of one value.
match.mistake, match.value_mistake = fields.mistake, fields.value_mistake

local function verify(want)
	local wrong = match.mistake(want)
	if wrong then
		error(wrong, 3)
	end
end

---Does the segment have all these fields, in which there is no mistake?
---@param seg table
---@param want table
---@return boolean
function match.meets(seg, want)
	for name, value in next, want do
		if not fits_field(seg, name, value) then
			return false
		end
	end
	return true
end

---Does the segment have all these fields?
---@param seg table
---@param want table
---@return boolean
function match.fits(seg, want)
	verify(want)
	return match.meets(seg, want)
end

---What does not fit, a line for each field, sorted: 'ack: got 1, expected 2'.
---@param seg table
---@param want table
---@return string[]
function match.differences(seg, want)
	verify(want)
	local out = {}
	for name, value in next, want do
		if not fits_field(seg, name, value) then
			local got = field(seg, name)
			if name == "port" then
				got = tostring(port(seg.from_address)) .. " and " .. tostring(port(seg.to_address))
			elseif type(got) == "table" then
				got = wanted_text(got)
			else
				got = quoted(got)
			end
			out[#out + 1] = ("%s: got %s, expected %s"):format(name, got, wanted_text(value))
		end
	end
	sort(out)
	return out
end

---Does any value fit what is wanted of it? A name matters only when it is "flags".
---@param got any
---@param want any
---@param name? string
---@return boolean
function match.value(got, want, name)
	return fits_value(name or "", got, want)
end

---Not that: {flags = match.not_("RST")}.
function match.not_(v)
	return { "not", v }
end

---One of these: {flags = match.any("FIN,ACK", "RST,ACK")}.
function match.any(...)
	return { "any", ... }
end

---These among the flags, or this within a text: {flags = match.has("FIN")}.
function match.has(v)
	return { "has", v }
end

---A segment in one line: "#4 PSH,ACK client -> server seq=1 ack=1 len=5 delivered".
---@param seg table
---@return string
function match.line(seg)
	local text = ("#%s %s %s -> %s"):format(seg.number, seg.flags, seg.from, seg.to)
	for _, name in next, { "seq", "ack", "len" } do
		text = text .. " " .. name .. "=" .. tostring(seg[name])
	end
	return text .. " " .. tostring(seg.fate)
end

return match
