-- values.lua - values as text, and in what two of them differ.

local values = {}

-- What a script does to its globals later does not matter here.
local type, next, tostring, getmetatable = type, next, tostring, getmetatable
local rawequal, sort, concat = rawequal, table.sort, table.concat

-- Tables in tables in tables.
local DEEPEST = 1000

local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }

local function escape(c)
	return short[c] or ("\\x%02x"):format(c:byte())
end

---Bytes as ASCII that Lua reads back.
---@param s string
---@return string
function values.printable(s)
	return (s:gsub("[%c\\\"\x7f-\xff]", escape))
end

---Bytes as hex: "00 ff".
---@param s string
---@return string
function values.hex(s)
	return (s:gsub(".", function(c) return ("%02x "):format(c:byte()) end):sub(1, -2))
end

---So many of a thing: "1 byte", "2 bytes".
---@param n integer
---@param thing string
---@return string
function values.counted(n, thing)
	return ("%d %s%s"):format(n, thing, n == 1 and "" or "s")
end

---A value in one line, tables to some depth, long texts cut.
---@param v any
---@param depth? integer
---@return string
function values.literal(v, depth)
	if type(v) == "string" then
		local rest = #v > 60 and (' ... (%d bytes)'):format(#v) or ""
		return '"' .. values.printable(v:sub(1, 60)) .. '"' .. rest
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

-- Eight bytes from the first that differs, as hex and as text.
local function text_difference(got, want)
	local at = 1
	while at <= #got and got:byte(at) == want:byte(at) do
		at = at + 1
	end
	local function piece(s)
		local part = s:sub(at, at + 7)
		return part == "" and "the end" or ('%s "%s"'):format(values.hex(part), values.printable(part))
	end
	return ("byte %d: got %s, expected %s (%s, expected %d)"):format(
		at, piece(got), piece(want), values.counted(#got, "byte"), #want)
end

-- Long ones, and such as do not read as text.
local function by_bytes(got, want)
	return type(got) == "string" and type(want) == "string"
		and (#got + #want > 60 or (got .. want):find("[^%g%s]") ~= nil)
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
