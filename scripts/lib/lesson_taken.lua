-- lesson_taken.lua - a lesson whose port or file is there already, with another in its place.
--
-- The texts, lines and conditions of a lesson with `port = 7788` or `writes = "a.lua"` say these. On a machine that
-- many learn on the port may be taken, and the file may be the learner's work: then the whole lesson says another.

local ipairs, next, setmetatable, type = ipairs, next, setmetatable, type
local _, shell = ...
local lesson_taken = {}

local pcall, listen = pcall, listen
-- Far from what texts give as examples: 7788 becomes 8788.
local FURTHER = 1000

local function is_taken(port)
	local made, l = pcall(listen, port)
	if made then
		l:close()
	end
	return not made and type(l) == "table" and l.code == "EADDRINUSE"
end

-- The port itself when it can be listened on, else one that can be. Makes a socket for a moment.
local function free_port(port)
	for p = port, 65535, FURTHER do
		if not is_taken(p) then
			return p
		end
	end
	return port
end

-- a.lua, or a-2.lua, or a-3.lua ...
local function free_file(name)
	local free, n = name, 1
	while shell.what(free) do
		n = n + 1
		free = name:gsub("%f[.]", "-" .. n, 1)
	end
	return free
end

local function replaced(value, from, to)
	if type(value) == "string" then
		local pattern = type(from) == "number" and "%f[%d]" .. from .. "%f[%D]" or from:gsub("%p", "%%%0")
		return (value:gsub(pattern, to))
	elseif type(value) ~= "table" then
		return value == from and to or value
	end
	local out = {}
	for key, each in next, value do
		out[key] = replaced(each, from, to)
	end
	return out
end

-- The lesson with that in place of its own.
local function with(lesson, field, to)
	local from = lesson[field]
	if from == to then
		return lesson
	end
	local out = setmetatable({ [field] = to, texts = replaced(lesson.texts, from, to), steps = {} },
		{ __index = lesson })
	for i, step in ipairs(lesson.steps) do
		out.steps[i] = replaced(step, from, to)
	end
	return out
end

---The lesson as it is played here, also of one that was played: the file that it names by then is its own.
function lesson_taken.instead(lesson)
	local original = lesson.original or lesson
	local out = original
	if original.port then
		out = with(out, "port", free_port(original.port))
	end
	if original.writes then
		out = with(out, "writes", lesson.original and lesson.writes or free_file(original.writes))
	end
	out.original = original
	return out
end

return lesson_taken
