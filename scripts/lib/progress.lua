-- progress.lua - which steps of which lessons are done, in a file of the XDG state directory.
--
-- $XDG_STATE_HOME/tcpstep/lessons, a line for each step: LESSON STEP HOW HINTS TIME, HOW being done,
-- answer, skip or guess=N; and "at LESSON STEP" for where the learner is. Each save reads the file
-- again first, so two shells do not undo each other's. A file that reads wrong is set aside.

local io, ipairs, math, next, os = io, ipairs, math, next, os
local table, tonumber = table, tonumber
local _, shell = ...
local progress = {}

local ON_TOP = "# tcpstep: progress in the lessons\n"

local function directory()
	local state, home = os.getenv("XDG_STATE_HOME"), os.getenv("HOME")
	if state and state:sub(1, 1) == "/" then
		return state .. "/tcpstep"
	elseif home and home:sub(1, 1) == "/" then
		return home .. "/.local/state/tcpstep"
	end
end

local function parse_line(line, all)
	local lesson, step, how, hints, time = line:match("^([%w-]+) ([%w-]+) ([%w=]+) (%d+) (%d+)$")
	local at_lesson, at_step = line:match("^at ([%w-]+) ([%w-]+)$")
	if at_lesson then
		all.at = { lesson = at_lesson, step = at_step }
	elseif lesson then
		all.steps[lesson] = all.steps[lesson] or {}
		all.steps[lesson][step] = { how = how, hints = tonumber(hints), time = tonumber(time) }
	elseif line ~= "" and line:sub(1, 1) ~= "#" then
		return false
	end
	return true
end

-- The text of a file, nil when there is none that can be read. False when it is no file: a pipe might never end.
local function read(path)
	local kind = path and shell.what(path)
	local file = kind == "file" and io.open(path, "rb")
	local text
	if file then
		text = file:read("a")
		file:close()
	end
	if kind and kind ~= "file" then
		return false
	end
	return text
end

---What was done so far: {steps = {lesson = {step = {how, hints, time}}}, at = {lesson, step}}; then where a
---damaged file was put, if it was.
function progress.load()
	local all, path = { steps = {} }, directory() and directory() .. "/lessons"
	local text = read(path)
	local damaged = text == false
	for line in ((text or "") .. "\n"):gmatch("(.-)\r?\n") do
		damaged = not parse_line(line, all) or damaged
	end
	if damaged then
		os.rename(path, path .. ".damaged")
		progress.save(all)
		return all, path .. ".damaged"
	end
	return all
end

---Writes it all; false and why when that cannot be.
function progress.save(all)
	local out, lessons, path = { ON_TOP }, {}, directory()
	if not path then
		return false, "there is no home directory"
	end
	local made, why = shell.mkdir(path)
	if not made then
		return false, why
	end
	for lesson in next, all.steps do lessons[#lessons + 1] = lesson end
	table.sort(lessons)
	for _, lesson in ipairs(lessons) do
		local steps = {}
		for step, is in next, all.steps[lesson] do
			steps[#steps + 1] = ("%s %s %s %d %d\n"):format(lesson, step, is.how, is.hints, is.time)
		end
		table.sort(steps)
		out[#out + 1] = table.concat(steps)
	end
	out[#out + 1] = all.at and ("at %s %s\n"):format(all.at.lesson, all.at.step) or ""
	path = path .. "/lessons"
	local file
	file, why = io.open(path .. ".new", "wb")
	if not file then
		return false, why
	end
	local whole = file:write(table.concat(out))
	whole = file:close() and whole
	if not whole or not os.rename(path .. ".new", path) then
		return false, path .. ": it cannot be written"
	end
	return true
end

---Notes a step as done, and saves. How it was done first stays so, and its hints, when it is done again;
---but what was skipped may be done, and a question be answered anew.
function progress.note(lesson, step, how, hints)
	local all = progress.load()
	local steps = all.steps[lesson] or {}
	local was = steps[step]
	if was then
		how = (was.how == "done" or was.how == "answer") and was.how or how
		hints = math.max(hints, was.hints)
	end
	steps[step] = { how = how, hints = hints, time = os.time() }
	all.steps[lesson] = steps
	return progress.save(all)
end

---Notes where the learner is: before that step; nil when the lesson is finished.
function progress.stop_at(lesson, step)
	local all = progress.load()
	all.at = step and { lesson = lesson, step = step } or nil
	return progress.save(all)
end

---How many of a lesson's steps are done.
function progress.count(all, lesson)
	local n = 0
	for _, step in ipairs(lesson.steps) do
		n = n + ((all.steps[lesson.id] or {})[step.id] and 1 or 0)
	end
	return n
end

return progress
