-- lesson_test.lua - tutorial test: plays lessons, each in a process and a folder of its own.
--
-- The process (lesson_play.lua) has a limit of time, and may end as it likes: a lesson is ok only when it has
-- said so at its end.

local ipairs, os, print, quit, setmetatable = ipairs, os, print, quit, setmetatable
local tonumber, type = tonumber, type
local error_meta, shell, private = ...
local lesson_file = require "tcpstep.lesson_file"
local lesson_lint = require "tcpstep.lesson_lint"
local stage = require "tcpstep.stage"

local lesson_test = {}

local TIMEOUT = 120

-- A lesson may write files where it runs.
local function remove(folder)
	for _, name in ipairs(shell.list(folder) or {}) do
		local path = folder .. "/" .. name
		if name ~= "." and name ~= ".." and not os.remove(path) then
			remove(path)
		end
	end
	os.remove(folder)
end

-- Its process once it has ended; nil after Ctrl-C.
local function play(lesson, dir, timeout)
	local folder <const> = shell.folder()
	local _ <close> = setmetatable({}, { __close = function() remove(folder) end })
	local pool <close> = private.pool()
	local argv = { "--lang", shell.terminal().lang, "tutorial", "play", lesson.id }
	if dir then
		argv = { "--lang", shell.terminal().lang, "--lessons", shell.path(dir), "tutorial", "play", lesson.id }
	end
	pool:start { argv = argv, scenario = true, folder = folder, seconds = timeout }
	local _, child = pool:next()
	return type(child) == "table" and child or nil
end

-- What is wrong with it: sentences; then the states that were met.
local function judge(child, timeout)
	local wrong, met, at = {}, nil, nil
	for line in child.output:gmatch("[^\n]+") do
		local word, text = line:match("^(%l+) (.*)$")
		if word == "at" then
			at = text
		elseif word == "wrong" then
			wrong[#wrong + 1] = text
		elseif word == "met" then
			met = text
		end
	end
	if child.timed_out then
		wrong[#wrong + 1] = ("%s: it has not ended after %g s"):format(at, timeout)
	elseif child.signal then
		wrong[#wrong + 1] = ("%s: it has ended with %s"):format(at, child.signal)
	elseif not met and #wrong == 0 then
		wrong[1] = ("%s: it ends the program"):format(at)
	end
	return wrong, met or ""
end

-- only: a name or a number; all lessons without it.
local function is_wanted(lesson, only)
	return not only or lesson.id == only or lesson.number == tonumber(only)
end

local function test_one(lesson, dir, timeout, counts)
	local began, wrong, met = shell.now(), { lesson.broken }, ""
	local refused = lesson.needs == "lab" and stage.lab_refused()
	if not lesson.broken and not refused then
		local child = play(lesson, dir, timeout)
		if not child then
			error(setmetatable({ code = "interrupted", op = "tutorial", message = "tutorial test: interrupted",
				hint = "", where = "" }, error_meta), 0)
		end
		wrong, met = judge(child, timeout)
	end
	local how = refused and "skipped" or #wrong > 0 and "failed" or "ok"
	counts[how] = counts[how] + 1
	print(("%-7s %-16s %.2f s  %s"):format(how, lesson.id, shell.now() - began, refused or met))
	for _, text in ipairs(wrong) do
		print("        " .. text)
	end
end

---Tests the lessons of a directory, those inside the program without one; only: one of them.
function lesson_test.test(dir, only, timeout)
	local found, counts = false, { ok = 0, failed = 0, skipped = 0 }
	local problems = lesson_lint.problems(dir, function(lesson)
		local wanted = is_wanted(lesson, only)
		found = found or wanted
		return wanted
	end)
	if only and not found then
		problems[#problems + 1] = ("there is no lesson \"%s\""):format(only)
	end
	for _, problem in ipairs(problems) do
		print(problem)
	end
	for _, name in ipairs(lesson_file.directories(dir) or {}) do
		local lesson = lesson_file.read(name, not dir)
		if is_wanted(lesson, only) then
			test_one(lesson, dir, timeout or TIMEOUT, counts)
		end
	end
	print(("%d lesson%s ok, %d failed, %d skipped; texts: %d wrong"):format(counts.ok,
		counts.ok == 1 and "" or "s", counts.failed, counts.skipped, #problems))
	if counts.failed + #problems > 0 and not shell.terminal().person then
		quit(1)
	end
end

return lesson_test
