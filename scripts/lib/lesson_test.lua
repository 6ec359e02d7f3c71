-- lesson_test.lua - tutorial test: plays lessons as a learner would, and looks whether they are right.
--
-- Every attempt that is `wrong` must leave its step undone, and one that stands under the name of a near miss
-- must be answered by that; then the stage is built anew. Every solution must finish its step. All runs
-- through the commands that a learner types, with nothing shown and no progress kept.

local _, shell = ...
local lesson_file = require "tcpstep.lesson_file"
local lesson_lint = require "tcpstep.lesson_lint"
local lesson_run = require "tcpstep.lesson_run"
local stage = require "tcpstep.stage"
local typist = require "tcpstep.typist"

local lesson_test = {}
local print = print

local PATIENCE = 10
-- What would be counted wrongly is there by then.
local A_MOMENT = 0.1

local function say(...)
	shell.quiet(false)
	print(...)
	shell.quiet(true)
end

local function rows_text()
	local out = {}
	for _, row in ipairs(state()) do
		out[#out + 1] = row.name .. " " .. row.state
	end
	return #out > 0 and table.concat(out, ", ") or "no socket"
end

local function test_attempt(wrong, lesson, step, attempt)
	local function add(text)
		wrong[#wrong + 1] = ("%s:%d: step %s: %s: %s"):format(lesson.file, step.line, step.id,
			table.concat(attempt.lines, "; "), text)
	end
	local run = lesson_run.present()
	typist.type(attempt.lines)
	if run.phase == "task" and run:await(A_MOMENT) or run.phase ~= "task" then
		add("it is wrong, but finishes the step")
	elseif attempt.near and not run.answered[attempt.near] then
		add(("near.%s does not answer it"):format(attempt.near))
	end
	typist.type { "restart " .. run.at }
end

local STATES = { "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
	"CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT" }

-- What sockets passed through by the solutions: an attempt's stage is gone.
local function add_states(met, run)
	for _, passed in ipairs(run.facts.all_states) do
		met[passed.state] = true
	end
end

local function states_text(met)
	local out = {}
	for _, name in ipairs(STATES) do
		out[#out + 1] = met[name] and name or nil
	end
	return table.concat(out, " ")
end

local function test_step(wrong, lesson, i, met)
	local run = lesson_run.present()
	-- As it is played: its port may be another.
	local step = run and run.lesson.steps[i] or lesson.steps[i]
	for _, attempt in ipairs(step.attempts or {}) do
		test_attempt(wrong, lesson, step, attempt)
	end
	run = lesson_run.present()
	if not run or run.at ~= i or run.phase ~= "task" then
		wrong[#wrong + 1] = ("%s:%d: step %s is finished before anything was done for it"):format(lesson.file,
			step.line, step.id)
		return false
	end
	if step.kind == "predict" then
		typist.type { tostring(step.answer) }
		return true
	end
	typist.type(step.solution)
	if run.phase == "task" and not run:await(PATIENCE) then
		wrong[#wrong + 1] = ("%s:%d: step %s: its solution does not finish it (%s)"):format(lesson.file, step.line,
			step.id, rows_text())
		return false
	end
	add_states(met, run)
	if i < #lesson.steps then
		typist.type { "lesson" }
	end
	return true
end

local function test_lesson(lesson, met)
	local wrong = {}
	typist.type { "tutorial " .. lesson.id }
	if not lesson_run.present() then
		return { lesson.file .. ":1: it does not begin" }
	end
	for i = 1, #lesson.steps do
		if not test_step(wrong, lesson, i, met) then
			break
		end
	end
	if #wrong == 0 and lesson_run.present() then
		wrong[1] = lesson.file .. ":1: it does not end with its last step"
	end
	lesson_run.leave()
	return wrong
end

-- only: a name or a number; all lessons without it.
local function is_wanted(lesson, only)
	return not only or lesson.id == only or lesson.number == tonumber(only)
end

local function test_all(dir, tutor, only)
	local counts = { ok = 0, failed = 0, skipped = 0 }
	local no_lab = stage.lab_refused()
	tutor.lessons = dir
	for _, name in ipairs(lesson_file.directories(dir) or {}) do
		local lesson = lesson_file.read(name, not dir)
		if is_wanted(lesson, only) then
			local began, wrong, met = shell.now(), {}, {}
			local refused = lesson.needs == "lab" and no_lab
			if not refused then
				wrong = lesson.broken and { lesson.broken } or test_lesson(lesson, met)
			end
			local how = refused and "skipped" or #wrong > 0 and "failed" or "ok"
			counts[how] = counts[how] + 1
			say(("%-7s %-16s %.2f s  %s"):format(how, lesson.id, shell.now() - began,
				refused and no_lab or states_text(met)))
			for _, text in ipairs(wrong) do
				say("        " .. text)
			end
		end
	end
	shell.clear()
	return counts
end

---Tests the lessons of a directory, those inside the program without one; only: one of them.
function lesson_test.test(dir, tutor, only)
	local found = false
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
	lesson_run.keeps_progress = false
	shell.quiet(true)
	typist.start(function()
		local ok, counts = pcall(test_all, dir, tutor, only)
		shell.quiet(false)
		lesson_run.keeps_progress = true
		tutor.lessons = nil
		if not ok then
			error(counts, 0)
		end
		print(("%d lesson%s ok, %d failed, %d skipped; texts: %d wrong"):format(counts.ok,
			counts.ok == 1 and "" or "s", counts.failed, counts.skipped, #problems))
		if counts.failed + #problems > 0 and not shell.terminal().person then
			quit(1)
		end
	end)
end

return lesson_test
