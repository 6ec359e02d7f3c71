-- tutor.lua - the commands tutorial, lesson, hint, answer, skip and restart.

local error, ipairs, math, require = error, ipairs, math, require
local setmetatable, table, tonumber, tostring = setmetatable, table, tonumber, tostring
local error_meta, shell = ...
local lesson_file = require "tcpstep.lesson_file"
local lesson_report = require "tcpstep.lesson_report"
local lesson_run = require "tcpstep.lesson_run"
local page = require "tcpstep.page"
local progress = require "tcpstep.progress"
local stage = require "tcpstep.stage"
local typist = require "tcpstep.typist"

local tutor = {}

local function fail(op, message, hint)
	error(setmetatable({ code = "usage", op = op, message = op .. ": " .. message, hint = hint or "", where = "" },
		error_meta), 0)
end

---------------------------------------------------------------- which lessons there are

-- The directory of one's own lessons, nil for those inside the program.
local function source(args)
	return args and args.lessons or tutor.lessons or shell.terminal().lessons
end

-- All of them, read; kept for those inside the program, which do not change.
local kept
local function lessons(args)
	local dir = source(args)
	if not dir and kept then
		return kept
	end
	local names, why = lesson_file.directories(dir)
	local all = {}
	if not names then
		fail("tutorial", tostring(why))
	end
	for i, name in ipairs(names) do
		all[i] = lesson_file.read(name, not dir)
	end
	if #all == 0 then
		fail("tutorial", (dir or "tcpstep") .. ": there is no lesson, which is a directory such as 01-shell")
	end
	if not dir then
		kept = all
	end
	return all
end

local function load_progress()
	local all, damaged = progress.load()
	if damaged then
		page.say("set_aside", damaged)
	end
	return all
end

local function find(all, word)
	for _, lesson in ipairs(all) do
		if lesson.id == word or lesson.number == tonumber(word) then
			return lesson
		end
	end
end

local function ids(all)
	local out = {}
	for i, lesson in ipairs(all) do
		out[i] = lesson.id
	end
	return out
end

-- The first behind that number whose steps are not all done, among those that can be played here. Nil when there
-- is none; then whether all are done.
local function next_of(all, done, number)
	local finished = true
	for _, lesson in ipairs(all) do
		local is_done = progress.count(done, lesson) == #lesson.steps
		finished = finished and is_done
		if not is_done and lesson.number > number and not (lesson.needs == "lab" and stage.lab_refused()) then
			return lesson
		end
	end
	return nil, finished
end

local function say_no_next(finished)
	page.say(finished and "all_done" or "rest_done", stage.lab_refused())
end

-- Where the learner is in a lesson: where it was left, or the first step that is not done; else 1.
local function stopped_at(lesson, done)
	local steps = done.steps[lesson.id] or {}
	local left = done.at and done.at.lesson == lesson.id and done.at.step
	for i, step in ipairs(lesson.steps) do
		if step.id == left or (not left and not steps[step.id]) then
			return lesson_run.keeps_progress and i or 1
		end
	end
	return 1
end

---------------------------------------------------------------- the list

local function without_lab(all)
	local out = {}
	for _, lesson in ipairs(all) do
		out[#out + 1] = lesson.needs == "lo" and lesson.id or nil
	end
	return table.concat(out, page.phrase("comma"))
end

local function show_list(all)
	local done, at = load_progress(), nil
	local wide = 0
	for _, lesson in ipairs(all) do
		wide = math.max(wide, #lesson.id)
	end
	page.say("list")
	for _, lesson in ipairs(all) do
		local n = progress.count(done, lesson)
		local mark = n == 0 and "[ ]" or n < #lesson.steps and "[-]" or "[x]"
		page.item(("  %s %2d  %s %s "):format(mark, lesson.number, page.wrap.column(lesson.id, wide),
			lesson.needs == "lab" and "*" or " "), page.title(lesson))
		if done.at and done.at.lesson == lesson.id then
			at = lesson
		end
	end
	local refused = stage.lab_refused()
	page.say(refused and "list_no_lab" or "list_lab", refused)
	if at then
		page.say("list_at", at.id, stopped_at(at, done), #at.steps, at.id)
	else
		page.say("list_start", (next_of(all, done, 0) or all[1]).id)
	end
	page.say("commands")
end

---------------------------------------------------------------- beginning a lesson

local function tell_next(all, lesson)
	local done = load_progress()
	local after, finished = next_of(all, done, lesson.number)
	after = after or next_of(all, done, 0)
	if after then
		page.say("next_lesson", after.id, page.title(after))
	else
		say_no_next(finished)
	end
end

local function show_head(lesson)
	page.out("")
	page.rule(("%d %s"):format(lesson.number, page.title(lesson)))
	page.show(lesson, "goal")
end

local function begin(all, lesson, at)
	if lesson.broken then
		fail("tutorial", lesson.broken)
	end
	for i = 1, math.min(3, #lesson.problems) do
		page.say("text_problem", lesson.problems[i])
	end
	-- Now, while it is possible: at its end the next one is named.
	stage.lab_refused()
	show_head(lesson)
	if at > 1 then
		page.say("back")
	else
		page.say("commands")
	end
	local run, why = lesson_run.begin(lesson, at, function() tell_next(all, lesson) end)
	if not run then
		page.say("no_lab", why)
		page.say("no_lab_rest", without_lab(all))
	end
end

local function begin_named(all, word)
	local lesson = find(all, word)
	if not lesson then
		local near = shell.nearest(word, ids(all))
		fail("tutorial", page.phrase("unknown", word),
			near and page.phrase("unknown_near", near) or page.phrase("none_hint"))
	end
	begin(all, lesson, stopped_at(lesson, load_progress()))
end

local function off()
	local run = lesson_run.present()
	if not run then
		fail("tutorial", page.phrase("none"), page.phrase("none_hint"))
	end
	lesson_run.leave()
	page.say("off", run.lesson.id)
end

local function begin_next(all)
	local done = load_progress()
	local lesson, finished = next_of(all, done, 0)
	if not lesson then
		return say_no_next(finished)
	end
	begin(all, lesson, stopped_at(lesson, done))
end

---------------------------------------------------------------- the commands

-- How many words may stand behind the first; else none.
local MORE = { lint = 1, test = 2, play = 1 }

function tutor.tutorial(args)
	local what = args.what or {}
	local word = what[1]
	local surplus = word and what[2 + (MORE[word] or 0)]
	local as_json = word == "report" and surplus == "--json" and not what[3]
	if surplus and not as_json then
		fail("tutorial", page.phrase("surplus", word, surplus))
	end
	if word == "--wake" then
		return typist.wake()
	elseif word == "--tell" then
		return lesson_run.tell()
	elseif word == "lint" then
		return require("tcpstep.lesson_lint").lint(what[2] or source(args))
	elseif word == "test" then
		return require("tcpstep.lesson_test").test(what[2] or source(args), what[3], args.timeout)
	end
	local all = lessons(args)
	if args.lessons then
		tutor.lessons = args.lessons
	end
	if not word then
		show_list(all)
	elseif word == "report" then
		return lesson_report.report(all, load_progress(), args.typed, as_json)
	elseif word == "next" then
		begin_next(all)
	elseif word == "off" then
		off()
	elseif word == "play" and what[2] then
		require("tcpstep.lesson_play").play(find(all, what[2]))
	else
		begin_named(all, word)
	end
end

-- What TAB offers. No lesson is read, for that would run it.
tutor.words = {
	tutorial = function(before)
		if #before > 0 then
			return before[1] == "lint" or before[1] == "test"
		end
		local out = { "next", "off", "report", "lint", "test" }
		for _, name in ipairs(lesson_file.directories(source()) or {}) do
			out[#out + 1] = name:match("%d+%-([%w-]+)$")
		end
		return out
	end,
}

local function under_way(op)
	local run = lesson_run.present()
	if not run then
		fail(op, page.phrase("none"), page.phrase("none_hint"))
	end
	return run
end

---The task again; after a finished step, the next one.
function tutor.lesson()
	local run = under_way("lesson")
	if run:take_choice() then
		return
	elseif run.phase == "done" then
		run:go_on()
	else
		run:show_task()
	end
end

local function hints_of(run)
	local n = 0
	while run.lesson.texts.en[("%s.hint.%d"):format(run:step().id, n + 1)] do
		n = n + 1
	end
	return n
end

function tutor.hint()
	local run = under_way("hint")
	if run.phase == "done" then
		page.say("finished")
	elseif run:step().kind == "predict" then
		page.say("no_hint")
	elseif run.hints >= hints_of(run) then
		page.say("no_more_hints")
	else
		local n = run:take_hint()
		page.out("")
		page.rule(page.phrase("hint_n", n, hints_of(run)))
		page.show(run.lesson, ("%s.hint.%d"):format(run:step().id, n))
		page.out("")
	end
end

-- Within a job of the typist: does the present step as its solution does. False when that is not possible any more.
local function play_solution(run)
	typist.type(run:step().solution)
	return run.phase ~= "task" or run:await()
end

function tutor.answer(args)
	local run = under_way("answer")
	local step = run:step()
	if run.phase == "done" then
		page.say("finished")
	elseif step.kind == "predict" then
		page.say("answer_predict")
	elseif args.run then
		run.record.helped = "answer"
		typist.start(function()
			if not play_solution(run) then
				page.say("stage_spoilt")
			end
		end)
	else
		page.say("answer")
		for _, line in ipairs(step.solution) do
			page.out("    " .. line)
		end
		page.say("answer_run")
		-- For the line after this one.
		run.record.helped, run.offer, run.hooks.empty = "answer", 1, "answer run"
	end
end

function tutor.skip()
	local run = under_way("skip")
	local at = run.at
	if run.phase == "done" then
		run:go_on()
		return
	end
	run.record.helped = "skip"
	if run:step().kind == "predict" then
		run:note("skip")
		run:begin_step(at + 1)
		return
	end
	page.say("skipped")
	typist.start(function()
		if play_solution(run) then
			return
		end
		run:note("skip")
		if at == #run.lesson.steps then
			run.guess = nil
			run:finish_lesson()
		else
			typist.type { "restart " .. at + 1 }
		end
	end)
end

function tutor.restart(args)
	local run = under_way("restart")
	local at = args.step or run.at
	if at > #run.lesson.steps then
		fail("restart", page.phrase("restart_range", #run.lesson.steps))
	end
	lesson_run.begin(run.lesson, at, run.on_end)
end

return tutor
