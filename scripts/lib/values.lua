-- values.lua - values as text, and in what two of them differ.

local values = {}

-- What a script does to its globals later does not matter here.
local type, next, tostring, getmetatable = type, next, tostring, getmetatable
local rawequal, sort, concat, min = rawequal, table.sort, table.concat, math.min
local char_len, char_codes, char_offset = utf8.len, utf8.codes, utf8.offset

-- Tables in tables in tables.
local DEEPEST = 1000
-- So many bytes of a text are told.
local LONGEST = 60

local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }

local function escape(c)
	return short[c] or ("\\x%02x"):format(c:byte())
end

-- UTF-8 that cannot act on a terminal.
local function is_plain_utf8(s)
	if not char_len(s) then
		return false
	end
	for _, c in char_codes(s) do
		if c >= 0x80 and c < 0xa0 or c >= 0x200e and c <= 0x200f or c >= 0x202a and c <= 0x202e
			or c >= 0x2066 and c <= 0x2069 then
			return false
		end
	end
	return true
end

---Bytes as text that Lua reads back: what is text of any language stays, all else is escaped.
---@param s string
---@return string
function values.printable(s)
	return (s:gsub(is_plain_utf8(s) and '[%c\\"\x7f]' or '[%c\\"\x7f-\xff]', escape))
end

---How many there are: "1 byte", "2 copies".
---@param n integer
---@param one string
---@param more? string the plural, where an s does not make it
---@return string
function values.count(n, one, more)
	return ("%d %s"):format(n, n == 1 and one or more or one .. "s")
end

-- The last byte at or before that one with which a character of a text ends.
local function char_end(s, at)
	return char_len(s) and char_offset(s, 0, at + 1) - 1 or at
end

---Bytes as hex: "00 ff".
---@param s string
---@return string
function values.hex(s)
	return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end):sub(1, -2))
end

---A text as Lua reads it back, at most so many bytes of it.
---@param s string
---@param most integer
---@return string
function values.quoted(s, most)
	return '"' .. values.printable(#s > most and s:sub(1, char_end(s, most)) or s) .. '"'
end

---A value in one line, tables to some depth, long texts cut.
---@param v any
---@param depth? integer
---@return string
function values.literal(v, depth)
	if type(v) == "string" then
		local rest = #v > LONGEST and (" ... (%d bytes)"):format(#v) or ""
		return values.quoted(v, LONGEST) .. rest
	end
	if v ~= v then
		return "nan"
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
		parts[#parts + 1] = name .. " = " .. values.literal(value, (depth or 0) + 1)
	end
	sort(parts)
	return "{" .. concat(parts, ", ") .. "}"
end

-- Up to eight bytes from the character with the first that differs on, as hex and as text.
local function text_difference(got, want)
	local at = 1
	while at <= #got and got:byte(at) == want:byte(at) do
		at = at + 1
	end
	at = min(char_end(got, at - 1), char_end(want, at - 1)) + 1
	local function piece(s)
		local part = s:sub(at, #s > at + 7 and char_end(s, at + 7) or -1)
		return part == "" and "the end" or ('%s "%s"'):format(values.hex(part), values.printable(part))
	end
	return ("byte %d: got %s, expected %s (%s, expected %d)"):format(
		at, piece(got), piece(want), values.count(#got, "byte"), #want)
end

-- Long ones, and such as do not read as text.
local function by_bytes(got, want)
	return type(got) == "string" and type(want) == "string"
		and (#got + #want > LONGEST or (got .. want):find("[^%g%s\x80-\xff]") ~= nil
			or not is_plain_utf8(got) or not is_plain_utf8(want))
end

-- seen: which tables are compared with which, so that those that contain themselves have an end.
local function collect(got, want, path, out, depth, seen)
	if rawequal(got, want) or (got == want and type(got) ~= "table") then
		return
	end
	if type(got) ~= "table" or type(want) ~= "table" or depth > DEEPEST then
		local text = by_bytes(got, want) and text_difference(got, want)
			or ("got %s, expected %s"):format(values.literal(got), values.literal(want))
			.. (got ~= got and want ~= want and " (nan equals nothing, not even nan)" or "")
			.. (depth > DEEPEST and " (nested too deeply to be compared)" or "")
		out[#out + 1] = path == "" and text or path .. ": " .. text
		return
	end
	seen[got] = seen[got] or {}
	if seen[got][want] then
		return
	end
	seen[got][want] = true
	local keys = {}
	for key in next, got do keys[key] = true end
	for key in next, want do keys[key] = true end
	for key in next, keys do
		local name = type(key) == "string" and (path == "" and key or "." .. key)
			or "[" .. tostring(key) .. "]"
		collect(got[key], want[key], path .. name, out, depth + 1, seen)
	end
end

---What differs, a line each, sorted: "a.b: got 1, expected 2". Empty when the two are equal, tables by
---what is in them.
---@param got any
---@param want any
---@return string[]
function values.differences(got, want)
	local out = {}
	collect(got, want, "", out, 0, {})
	sort(out)
	return out
end

return values
