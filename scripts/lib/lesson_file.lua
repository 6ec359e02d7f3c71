-- lesson_file.lua - a lesson on disk: its behaviour (lesson.lua) and its texts (en.txt, zh.txt).
--
-- Lessons are inside the program, or in a directory of somebody's own. What is wrong with one is found
-- here and kept in `problems`, each as "FILE:LINE: sentence"; `broken` is the first that keeps it from running.

local debug, io, ipairs, load, math, next, pcall = debug, io, ipairs, load, math, next, pcall
local require, setmetatable, table, tonumber = require, setmetatable, table, tonumber
local tostring, type, utf8 = tostring, type, utf8
local _, shell = ...
local condition = require "tcpstep.condition"
local match = require "tcpstep.match"

local lesson_file = {}

local LANGUAGES = { "en", "zh" }
-- Where those inside the program are.
local INSIDE = "tutorial"

---------------------------------------------------------------- files

local function read(lesson, path)
	if lesson.inside then
		return shell.file(path), "it is not there"
	end
	local file, why = io.open(path, "rb")
	if not file then
		-- "FILE: why": the file is named in front of it anyway.
		return nil, why:match("([^:]+)$"):gsub("^ ", "")
	end
	local text = file:read("a")
	file:close()
	return text
end

---The directories of the lessons in dir, sorted: paths. nil and why when it cannot be read.
---@param dir? string the lessons inside the program when left out
function lesson_file.directories(dir)
	local out = {}
	if not dir then
		for _, name in ipairs(shell.files()) do
			out[#out + 1] = name:match("^(" .. INSIDE .. "/%d+%-[%w-]+)/lesson%.lua$")
		end
		return out
	end
	local names, why = shell.list(dir)
	if not names then
		return nil, why
	end
	for _, name in ipairs(names) do
		out[#out + 1] = name:match("^%d+%-[%w-]+$") and dir .. "/" .. name or nil
	end
	table.sort(out)
	return out
end

---------------------------------------------------------------- lesson.lua

local LESSON = { id = "string", needs = "string", minutes = "number", setup = "function", hosts = "table",
	clock = "string", port = "number", writes = "string" }
local STEP = { id = "string", done = "condition", near = "table", solution = "lines", wrong = "table",
	setup = "function", takes = "number" }
local PREDICT = { id = "string", choices = "number", answer = "number" }

local function is_lines(v)
	for _, line in ipairs(type(v) == "table" and v or {}) do
		if type(line) ~= "string" then
			return false
		end
	end
	return type(v) == "table" and #v > 0
end

local function add(lesson, file, line, text, breaks)
	local problem = ("%s:%d: %s"):format(file, line, text)
	lesson.problems[#lesson.problems + 1] = problem
	lesson.broken = lesson.broken or breaks and problem
end

local function check_fields(lesson, part, fields)
	for name, value in next, part do
		local want = fields[name]
		local known = want or type(name) == "number" or name == "line" or name == "kind"
		if not known then
			add(lesson, lesson.file, part.line, ("there is no field \"%s\" here"):format(tostring(name)), true)
		elseif want == "lines" and not is_lines(value) then
			add(lesson, lesson.file, part.line, name .. ": a list of lines to type is expected", true)
		elseif want and want ~= "lines" and want ~= "condition" and type(value) ~= want then
			add(lesson, lesson.file, part.line, ("%s: a %s is expected"):format(name, want), true)
		end
	end
end

local function check_conditions(lesson, step)
	local wrong = condition.mistakes("done", step.done)
	for name, cond in next, type(step.near) == "table" and step.near or {} do
		table.move(condition.mistakes("near." .. tostring(name), cond), 1, 99, #wrong + 1, wrong)
	end
	for _, text in ipairs(wrong) do
		add(lesson, lesson.file, step.line, ("step %s: %s"):format(step.id, text), true)
	end
end

-- wrong is one attempt (lines), or several: attempts, and under a near's name those that it answers, or false where
-- none can be played, such as one that takes a minute.
local function attempts(lesson, step)
	local wrong, out = step.wrong or {}, {}
	local near = type(step.near) == "table" and step.near or {}
	local function problem(text, breaks)
		add(lesson, lesson.file, step.line, ("step %s: %s"):format(step.id, text), breaks)
	end
	if is_lines(wrong) then
		wrong = { wrong }
	end
	for name, lines in next, wrong do
		local named = type(name) == "string"
		if named and not near[name] then
			problem(("wrong.%s: there is no near of that name"):format(name), true)
		elseif not is_lines(lines) and not (named and lines == false) then
			problem("wrong: a list of lines is expected", true)
		elseif lines then
			out[#out + 1] = { near = named and name or nil, lines = lines }
		end
	end
	for name in next, near do
		if wrong[name] == nil then
			problem(("near.%s: wrong.%s is missing, lines that it answers"):format(name, name))
		end
	end
	table.sort(out, function(x, y) return (x.near or "") < (y.near or "") end)
	return out
end

local function check_step(lesson, step, ids)
	if type(step) ~= "table" or not step.kind then
		add(lesson, lesson.file, 1, "a lesson is made of step{...} and predict{...}", true)
		return
	end
	check_fields(lesson, step, step.kind == "step" and STEP or PREDICT)
	if type(step.id) ~= "string" or not step.id:match("^%l[%l%d-]*$") then
		add(lesson, lesson.file, step.line, "an id of small letters is expected: id = \"connect\"", true)
	elseif ids[step.id] then
		add(lesson, lesson.file, step.line, ("the id \"%s\" is there twice"):format(step.id), true)
	end
	ids[step.id or 0] = true
	if step.kind == "predict" then
		if not (math.type(step.choices) == "integer" and step.choices >= 2 and step.choices <= 9
			and math.type(step.answer) == "integer" and step.answer >= 1 and step.answer <= step.choices) then
			add(lesson, lesson.file, step.line, "choices from 2 to 9, and one of them as answer, are expected", true)
		end
		return
	end
	if not step.solution then
		add(lesson, lesson.file, step.line, ("step %s has no solution"):format(tostring(step.id)), true)
	end
	check_conditions(lesson, step)
	step.attempts = attempts(lesson, step)
end

-- The words that lesson.lua is written in; everything else is as in a script, but no variable of the
-- learner's stands in its way.
local function words(lesson)
	local function part(kind)
		return function(t)
			-- "return lesson{...}" is a tail call, of which Lua does not know the line.
			t.kind, t.line = kind, math.max(1, debug.getinfo(2, "l").currentline)
			return t
		end
	end
	return setmetatable({
		lesson = part("lesson"), step = part("step"), predict = part("predict"),
		not_ = match.not_, any = match.any, has = match.has,
	}, { __index = _ENV, __newindex = function(_, name)
		add(lesson, lesson.file, debug.getinfo(2, "l").currentline,
			("%s: a lesson sets no globals; use local"):format(name), true)
	end })
end

-- "FILE:LINE: message" of an error of Lua's.
local function add_error(lesson, err)
	local line, text = tostring(err):match("^[^\n]-:(%d+): (.*)")
	add(lesson, lesson.file, tonumber(line) or 1, text or tostring(err), true)
end

local function read_behaviour(lesson)
	local text, why = read(lesson, lesson.file)
	local made
	if not text then
		add(lesson, lesson.file, 1, why, true)
		return
	end
	-- With "=" it is no script of the learner's: the ladder shows no lines of it. Lua cuts off what is long.
	local called = lesson.inside and lesson.file or lesson.file:match("[^/]*/[^/]*$") or lesson.file
	local chunk, wrong = load(text, "=" .. called, "t", words(lesson))
	if not chunk then
		add_error(lesson, wrong)
		return
	end
	local ok, result = pcall(chunk)
	made = ok and result
	if not ok then
		add_error(lesson, result)
		return
	elseif type(made) ~= "table" or made.kind ~= "lesson" then
		add(lesson, lesson.file, 1, "the file returns no lesson: return lesson{...}", true)
		return
	end
	local ids = {}
	lesson.loaded, lesson.line = true, made.line
	check_fields(lesson, made, LESSON)
	for name in next, LESSON do
		lesson[name] = made[name]
	end
	if made.id ~= lesson.directory:match("%d+%-(.*)$") then
		add(lesson, lesson.file, made.line, ("the id \"%s\" is not that of the directory %s"):format(
			tostring(made.id), lesson.directory), true)
	end
	if made.needs ~= "lo" and made.needs ~= "lab" then
		add(lesson, lesson.file, made.line, "needs is \"lo\" or \"lab\"", true)
	end
	if made.clock and made.clock ~= "slow" and made.clock ~= "real" then
		add(lesson, lesson.file, made.line, "clock is \"slow\" or \"real\"", true)
	end
	if made.port and math.type(made.port) ~= "integer" then
		add(lesson, lesson.file, made.line, "port is a whole number", true)
	end
	for _, step in ipairs(made) do
		check_step(lesson, step, ids)
		lesson.steps[#lesson.steps + 1] = type(step) == "table" and step.kind and step or nil
	end
	if not made[#made] or made[#made].kind == "predict" then
		add(lesson, lesson.file, made.line, "a lesson ends with a step, not with a question", true)
	end
end

---------------------------------------------------------------- en.txt, zh.txt

local function add_section(texts, order, key, line)
	local section = { line = line, lines = {} }
	texts[key] = section
	order[#order + 1] = key
	return section
end

-- Punctuation of ASCII where Chinese has its own, wide one; nil when there is none.
local function half_width(line)
	local before = ""
	for char in line:gmatch(utf8.charpattern) do
		local wide = shell.width(char) == 2
		if (wide and before:match("^[,:;?!]$")) or (char:match("^[,:;?!]$") and shell.width(before) == 2) then
			return wide and before or char
		end
		before = char
	end
end

-- "@key  text" begins a section; what stands before the first is no text of the lesson.
local function read_texts(lesson, lang)
	local file = lesson.directory .. "/" .. lang .. ".txt"
	local text, why = read(lesson, file)
	local texts, order, section, number = {}, {}, nil, 0
	if not text then
		add(lesson, file, 1, why)
		return texts, order, false
	end
	for line in (text:gsub("\r\n", "\n") .. "\n"):gmatch("(.-)\n") do
		local key, rest = line:match("^@(%S+)%s*(.*)$")
		number = number + 1
		if key then
			if texts[key] then
				add(lesson, file, number, ("@%s is there twice"):format(key))
			end
			section = add_section(texts, order, key, number)
			line = rest ~= "" and rest or nil
		end
		if section and line then
			section.lines[#section.lines + 1] = line
		elseif line and line:match("%S") and not line:match("^#") then
			add(lesson, file, number, "a text begins with @KEY, as in @title  Half-close")
		end
		if shell.width(line or "") > 78 then
			add(lesson, file, number, ("the line is %d columns wide; 78 is the most"):format(shell.width(line)))
		end
		if not utf8.len(line or "") then
			add(lesson, file, number, "the line is not UTF-8")
		elseif lang == "zh" and line and not line:match("^%s") and half_width(line) then
			add(lesson, file, number, ("half-width \"%s\" beside a Chinese character"):format(half_width(line)))
		end
	end
	for _, each in next, texts do
		while each.lines[#each.lines] and not each.lines[#each.lines]:match("%S") do
			table.remove(each.lines)
		end
	end
	return texts, order, true
end

---The keys that a lesson's texts have, in order; a set of them too. Hints: at least the first.
function lesson_file.keys(lesson)
	local list, set = {}, {}
	local function need(key)
		list[#list + 1] = key
		set[key] = true
	end
	need("title")
	need("goal")
	for _, step in ipairs(lesson.steps) do
		local id = tostring(step.id)
		need(id)
		if step.kind == "predict" then
			for i = 1, math.tointeger(step.choices) or 0 do
				need(id .. ".choice." .. i)
			end
		else
			need(id .. ".hint.1")
			local near = {}
			for name in next, step.near or {} do near[#near + 1] = id .. ".near." .. name end
			table.sort(near)
			for _, key in ipairs(near) do need(key) end
			need(id .. ".after")
		end
	end
	need("end")
	return list, set
end

-- A second and third hint may be there; then in all languages.
local function check_texts(lesson, languages)
	local keys, set = lesson_file.keys(lesson)
	for _, other in ipairs(languages) do
		for key in next, lesson.texts[other] do
			local step, n = key:match("^(.-)%.hint%.([23])$")
			local follows = step and lesson.texts[other][step .. ".hint." .. (n - 1)]
			if follows and set[step .. ".hint.1"] and not set[key] then
				set[key] = true
				keys[#keys + 1] = key
			end
		end
	end
	for _, lang in ipairs(languages) do
		local file = lesson.directory .. "/" .. lang .. ".txt"
		for _, key in ipairs(keys) do
			local section = lesson.texts[lang][key]
			if not section then
				add(lesson, file, 1, ("there is no @%s"):format(key))
			elseif #section.lines == 0 then
				add(lesson, file, section.line, ("@%s has no text"):format(key))
			end
		end
		for _, key in ipairs(lesson.order[lang]) do
			if not set[key] then
				add(lesson, file, lesson.texts[lang][key].line, ("@%s belongs to no step of lesson.lua"):format(key))
			end
		end
	end
end

---------------------------------------------------------------- the door

---Reads a lesson. Its fields: id, number, title by text, needs, minutes, steps, setup, hosts, clock,
---texts[lang][key].lines, problems, broken.
---@param directory string
---@param inside boolean is it inside the program?
function lesson_file.read(directory, inside)
	local lesson = {
		directory = directory,
		inside = inside,
		file = directory .. "/lesson.lua",
		id = directory:match("%d+%-([%w-]+)$"),
		number = tonumber(directory:match("(%d+)%-[%w-]+$")),
		problems = {}, steps = {}, texts = {}, order = {},
	}
	read_behaviour(lesson)
	local there = {}
	for _, lang in ipairs(LANGUAGES) do
		local is_there
		lesson.texts[lang], lesson.order[lang], is_there = read_texts(lesson, lang)
		there[#there + 1] = is_there and lang or nil
	end
	if lesson.loaded then
		check_texts(lesson, there)
	end
	return lesson
end

---A text in that language, else in English; then the second result is true. Lines, or nil.
function lesson_file.text(lesson, lang, key)
	local section = lesson.texts[lang] and lesson.texts[lang][key]
	if section then
		return section.lines, false
	end
	section = lesson.texts.en[key]
	return section and section.lines, lang ~= "en"
end

return lesson_file
