-- match_fields.lua - which fields a segment has, and what is wrong with what is wanted of them (match.lua).

local fields = {}

-- What a script does to its globals later does not matter here.
local type, next, tostring, math_type = type, next, tostring, math.type
local sort, concat, setmetatable = table.sort, table.concat, setmetatable
local literal = require("tcpstep.values").literal

---------------------------------------------------------------- the fields

-- What a field may hold. words: all that there are, each word of the text is one of them.
local NUMBER, TEXT = { type = "number", said = "a number" }, { type = "string", said = "a text" }
local TRUTH, LIST = { type = "boolean", said = "true or false" }, { type = "table", said = "true or false" }
local HOST = { type = "string", said = "a text", of = "host", each = ".+" }
local FATE = { type = "string", said = "a text", of = "fate", each = ".+",
	words = { "held", "delayed", "delivered", "dropped", "seen" } }
local FLAGS = { type = "string", said = "a text", of = "flag", each = "%w+",
	words = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "none" } }

local BLOCK = { fields = { left = NUMBER, right = NUMBER } }
local OPTIONS = { fields = { mss = NUMBER, wscale = NUMBER, sack_permitted = TRUTH, tsval = NUMBER, tsecr = NUMBER,
	sack = { fields = setmetatable({}, { __index = function(_, i) return math_type(i) and BLOCK end }) },
	cookie = TEXT } }

-- Those that a segment may be without, and those that are computed, among them.
local SEGMENT = { options = OPTIONS, flags = FLAGS, fate = FATE, from = HOST, to = HOST, copies = LIST }
for kind, names in next, {
	[NUMBER] = "number seq ack raw_seq raw_ack window raw_window ecn len copy_of again data_cut delay sport dport port",
	[TEXT] = "from_address to_address data why fault",
	[TRUTH] = "checksum_ok injected altered options_cut",
} do
	for name in names:gmatch("%S+") do
		SEGMENT[name] = kind
	end
end

-- The comparisons; true: with a value of the field's own kind.
local OPERATORS = { ["="] = true, ["=="] = true, ["!="] = true, ["~="] = true, ["<"] = true, ["<="] = true,
	[">"] = true, [">="] = true, has = "text", any = "wanted", ["not"] = "wanted" }

---------------------------------------------------------------- mistakes

local function names_of(known)
	local out = {}
	for name in next, known do
		out[#out + 1] = name
	end
	sort(out)
	return concat(out, " ")
end

local function word_mistake(name, text, kind, hosts)
	local words = kind.of == "host" and hosts or kind.words
	for word in text:gmatch(words and kind.each or "$^") do
		local known
		for i = 1, #words do
			known = known or words[i] == word or kind.of == "flag" and words[i]:lower() == word:lower()
		end
		if not known then
			return ("%s: there is no %s %s; there are %s"):format(name, kind.of, literal(word), concat(words, " "))
		end
	end
end

local function plain_mistake(name, want, kind, hosts)
	if not kind then
		return nil
	elseif type(want) ~= kind.type then
		return ("%s: %s is expected, not %s"):format(name, kind.said or "a table", literal(want))
	end
	return type(want) == "string" and word_mistake(name, want, kind, hosts) or nil
end

local value_mistake

local function operator_mistake(name, want, kind, hosts)
	local operand = OPERATORS[want[1]]
	if not operand then
		return ('%s: there is no comparison "%s"; there are = != < <= > >= has any not'):format(name, want[1])
	elseif want[2] == nil then
		return ('%s: {"%s"} needs a value'):format(name, want[1])
	elseif operand == "text" then
		return type(want[2]) ~= "string" and name .. ': {"has"} needs a text'
			or kind and kind.type ~= "string" and name .. ': {"has"} is for texts'
			or kind == FLAGS and word_mistake(name, want[2], kind) or nil
	end
	for i = 2, #want do
		local check = operand == "wanted" and value_mistake or plain_mistake
		local wrong = check(name, want[i], kind, hosts)
		if wrong then
			return wrong
		end
	end
end

local function table_mistake(name, want, known, hosts)
	for key, value in next, want do
		local kind = known[key]
		local wrong
		if not kind then
			wrong = ("%s: there is no %s; there are %s"):format(name, literal(key), names_of(known))
		else
			wrong = value_mistake(name .. "." .. tostring(key), value, kind, hosts)
		end
		if wrong then
			return wrong
		end
	end
end

-- kind: what it may hold; nil: anything.
function value_mistake(name, want, kind, hosts)
	if type(want) == "function" or type(want) == "boolean" then
		return nil
	elseif type(want) ~= "table" then
		return plain_mistake(name, want, kind, hosts)
	elseif type(want[1]) == "string" then
		return operator_mistake(name, want, kind, hosts)
	elseif kind and next(want) == nil then
		return name .. ": an empty table wants nothing"
	elseif kind and kind.fields then
		return table_mistake(name, want, kind.fields, hosts)
	end
	return plain_mistake(name, want, kind, hosts)
end

---What is wrong with a table of wanted fields, as a sentence; nil when nothing is.
---@param want any
---@param hosts? string[] the names of the hosts that there are; without it any name will do
---@return string?
function fields.mistake(want, hosts)
	if type(want) ~= "table" then
		return 'a table of fields is expected, as in {flags = "SYN"}, not ' .. literal(want)
	end
	for name, value in next, want do
		local kind = SEGMENT[name]
		local wrong = not kind and ("a segment has no field %s; help check lists them"):format(literal(name))
			or value_mistake(name, value, kind, hosts)
		if wrong then
			return wrong
		end
	end
end

---What is wrong with what is wanted of one value, whatever it may hold; nil when nothing is.
---@param name string
---@param want any
---@return string?
function fields.value_mistake(name, want)
	return value_mistake(name, want)
end

return fields
