-- lesson_port.lua - a lesson whose port another program has, with another port in its place.
--
-- The texts, lines and conditions of a lesson with `port = 7788` say that number. On a machine that many
-- learn on it may be taken, so the whole lesson then says another one.

local ipairs, next, setmetatable, type = ipairs, next, setmetatable, type
local lesson_port = {}

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

---The port itself when it can be listened on, else one that can be. Makes a socket for a moment.
---@param port integer
---@return integer
function lesson_port.free(port)
	for p = port, 65535, FURTHER do
		if not is_taken(p) then
			return p
		end
	end
	return port
end

local function replaced(value, from, to)
	if type(value) == "string" then
		return (value:gsub("%f[%d]" .. from .. "%f[%D]", to))
	elseif type(value) ~= "table" then
		return value == from and to or value
	end
	local out = {}
	for key, each in next, value do
		out[key] = replaced(each, from, to)
	end
	return out
end

---The lesson with that port in place of its own.
---@param port integer
function lesson_port.with(lesson, port)
	local out = setmetatable({ port = port, texts = replaced(lesson.texts, lesson.port, port), steps = {} },
		{ __index = lesson })
	for i, step in ipairs(lesson.steps) do
		out.steps[i] = replaced(step, lesson.port, port)
	end
	return out
end

return lesson_port
