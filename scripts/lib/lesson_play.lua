-- lesson_play.lua - plays one lesson as a learner would, and says whether it is right: a process of tutorial test.
--
-- Every attempt that is `wrong` must leave its step undone, and one that stands under the name of a near miss
-- must be answered by that; then the stage is built anew. Every solution must finish its step. All runs
-- through the commands that a learner types, with nothing shown and no progress kept. What comes of it are lines
-- for lesson_test.lua: "at PLACE", "wrong SENTENCE", and at the end "met STATES".

local ipairs, math, require, table, tostring = ipairs, math, require, table, tostring
local pcall, print, quit, state = pcall, print, quit, state
local _, shell = ...
local lesson_run = require "tcpstep.lesson_run"
local typist = require "tcpstep.typist"

local lesson_play = {}

-- On a machine with much to do.
local PATIENCE = 10
-- What would be counted wrongly is there by then.
local A_MOMENT = 0.1

local STATES = { "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
	"CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT" }

local function say(word, text)
	shell.quiet(false)
	print(word .. " " .. text:gsub("\n", " "))
	shell.quiet(true)
end

local function place(lesson, step)
	return ("%s:%d: step %s"):format(lesson.file, step and step.line or 1, step and step.id or "1")
end

local function rows_text()
	local out = {}
	for _, row in ipairs(state()) do
		out[#out + 1] = row.name .. " " .. row.state
	end
	return #out > 0 and table.concat(out, ", ") or "no socket"
end

-- After that line the lesson is under way; else what its setup came to is told, and the result is nil.
local function begin(lesson, line, at)
	shell.shown(true)
	typist.type { line }
	local why = shell.shown(false):match("error: ([^\n]*)") or "it does not begin"
	local number, text = why:match("lesson%.lua:(%d+): (.*)$")
	local run = lesson_run.present()
	if not run then
		say("wrong", ("%s:%d: %s%s"):format(lesson.file, number or 1, at or "", text or why))
	end
	return run
end

local function test_attempt(lesson, step, attempt)
	local function wrong(text)
		say("wrong", ("%s: %s: %s"):format(place(lesson, step), table.concat(attempt.lines, "; "), text))
	end
	local run = lesson_run.present()
	typist.type(attempt.lines)
	if run.phase == "task" and run:await(A_MOMENT) or run.phase ~= "task" then
		wrong("it is wrong, but finishes the step")
	elseif attempt.near and not run.answered[attempt.near] then
		wrong(("near.%s does not answer it"):format(attempt.near))
	end
	return begin(lesson, "restart " .. run.at,
		("step %s: %s: the stage cannot be built anew: "):format(step.id, table.concat(attempt.lines, "; ")))
end

-- What sockets passed through by the solutions, and what the wire has told: an attempt's stage is gone.
local function add_states(met, run)
	for _, passed in ipairs(run.facts.all_states) do
		met[passed.state] = true
	end
	for _, event in ipairs(run.facts:events()) do
		if event.event == "state" then
			met[event.state] = true
		end
	end
end

local function states_text(met)
	local out = {}
	for _, name in ipairs(STATES) do
		out[#out + 1] = met[name] and name or nil
	end
	return table.concat(out, " ")
end

-- Does the step's solution finish it?
local function test_solution(lesson, step, met)
	local run = lesson_run.present()
	if step.kind == "predict" then
		typist.type { tostring(step.answer) }
		return true
	end
	typist.type(step.solution)
	local done = run.phase ~= "task" or run:await(math.max(PATIENCE, step.takes or 0))
	if run.failed then
		say("wrong", ("%s: it cannot be checked: %s"):format(place(lesson, step), run.failed))
	elseif not done then
		say("wrong", ("%s: its solution does not finish it (%s)"):format(place(lesson, step), rows_text()))
	end
	add_states(met, run)
	return done
end

local function test_step(lesson, i, met)
	local run = lesson_run.present()
	-- As it is played: its port may be another.
	local step = run.lesson.steps[i]
	say("at", place(lesson, step))
	for _, attempt in ipairs(step.attempts or {}) do
		run = test_attempt(lesson, step, attempt)
		if not run then
			return false
		end
	end
	if run.at ~= i or run.phase ~= "task" then
		say("wrong", place(lesson, step) .. " is finished before anything was done for it")
		return false
	elseif not test_solution(lesson, step, met) then
		return false
	end
	if i < #lesson.steps and step.kind == "step" then
		typist.type { "lesson" }
	end
	return true
end

local function test_lesson(lesson)
	local met = {}
	say("at", place(lesson))
	if not begin(lesson, "tutorial " .. lesson.id) then
		return
	end
	for i = 1, #lesson.steps do
		if not test_step(lesson, i, met) then
			return
		end
	end
	if lesson_run.present() then
		say("wrong", lesson.file .. ":1: it does not end with its last step")
	end
	say("met", states_text(met))
end

---The rest of this process plays the lesson. It ends with status 0, whatever came of it.
function lesson_play.play(lesson)
	lesson_run.keeps_progress = false
	shell.quiet(true)
	typist.start(function()
		local ok, why = pcall(test_lesson, lesson)
		if not ok then
			say("wrong", lesson.file .. ":1: " .. tostring(why))
		end
		quit(0)
	end)
end

return lesson_play
