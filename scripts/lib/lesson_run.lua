-- lesson_run.lua - a lesson under way: its steps, from the task to what happened and why.
--
-- A step is checked after each line and five times a second, against what has happened since it began,
-- which is when the step before it was reached (lesson_goals.lua).

local ipairs, math, require, setmetatable = ipairs, math, require, setmetatable
local sleep, table, tonumber = sleep, table, tonumber
local _, shell = ...
local condition = require "tcpstep.condition"
local facts = require "tcpstep.facts"
local goals = require "tcpstep.lesson_goals"
local page = require "tcpstep.page"
local progress = require "tcpstep.progress"
local stage = require "tcpstep.stage"
local typist = require "tcpstep.typist"

local run = {}
run.__index = run

-- What a step's solution causes is there by then, when no timer of the kernel's has to run out first.
local PATIENCE = 3

-- The one under way, or nil.
local present

function run.present()
	return present
end

---------------------------------------------------------------- progress

local function saved(ok, why)
	if not ok and not run.told_unsaved then
		run.told_unsaved = true
		page.say("not_saved", why)
	end
end

function run:note(how)
	if run.keeps_progress then
		saved(progress.note(self.lesson.id, self:step().id, how, self.record.hints))
	end
end

function run:stop_at(step)
	if run.keeps_progress then
		saved(progress.stop_at(self.lesson.id, step))
	end
end

run.keeps_progress = true

---------------------------------------------------------------- what stands on the screen

function run:step()
	return self.lesson.steps[self.at]
end

function run:number()
	return page.phrase("step_of", self.at, #self.lesson.steps)
end

local function show_choices(lesson, step)
	local numbers = {}
	for i = 1, step.choices do
		page.item(("  %d  "):format(i), page.text(lesson, step.id .. ".choice." .. i))
		numbers[i] = i
	end
	page.say("question", table.concat(numbers, page.phrase("comma")))
end

---The present task, again.
function run:show_task()
	local step = self:step()
	page.out("")
	page.rule(self:number())
	page.show(self.lesson, step.id)
	if step.kind == "predict" then
		show_choices(self.lesson, step)
	end
	page.out("")
end

---------------------------------------------------------------- steps

-- Step number `at` is the one that is waited for.
local function expect(self, at, is_new)
	self.at, self.phase, self.hints, self.offer = at, "task", 0, nil
	-- What help the step has taken; it is not forgotten when the stage is built anew.
	if self.record.at ~= at then
		self.record = { at = at, hints = 0 }
	end
	self.hooks.prompt = self.lesson.id .. " " .. self:number()
	self.hooks.empty = nil
	self.failed = nil
	goals.watch_near(self, self:step())
	if is_new then
		goals.begin_anew(self)
	end
end

---Begins step number `at`. What has happened since the step before counts, unless the stage is new.
function run:begin_step(at, is_new)
	local step = self.lesson.steps[at]
	stage.play(step.setup, self.net)
	expect(self, at, is_new)
	self:stop_at(step.id)
	self:show_task()
	self:check("begun")
end

local function show_guess(self)
	local guess = self.guess
	self.guess = nil
	if guess and guess.choice == guess.answer then
		page.say("guess_right")
	elseif guess then
		page.say("guess_other", guess.choice, guess.answer)
	end
end

function run:finish_lesson()
	page.out("")
	page.rule(page.phrase("lesson_end", self.lesson.id))
	page.show(self.lesson, "end")
	self:stop_at(nil)
	run.leave()
	if self.on_end then
		self.on_end(self.lesson)
	end
	page.out("")
end

local function finish_step(self, already)
	self.phase = "done"
	goals.begin_anew(self)
	self:note(self.record.helped or "done")
	self.record.helped, self.offer = nil, nil
	page.out("")
	page.rule(self:number() .. " " .. page.phrase("done"))
	if already then
		page.say("already")
	end
	show_guess(self)
	page.show(self.lesson, self:step().id .. ".after")
	local after = self.lesson.steps[self.at + 1]
	if not after then
		self:finish_lesson()
		return
	end
	self:stop_at(after.id)
	self.hooks.empty = "lesson"
	page.say("go_on")
	page.out("")
end

---After a finished step, or one that is skipped: the next.
function run:go_on()
	self:begin_step(self.at + 1)
end

---------------------------------------------------------------- checking

-- Of a line that ended just now something may still be told: the step is told of after that.
local A_MOMENT = 0.03
local TELL = " tutorial --tell"

---The next hint is shown.
function run:take_hint()
	self.hints = self.hints + 1
	self.record.hints = math.max(self.record.hints, self.hints)
	return self.hints
end

---The rest of a step that a line has done.
function run.tell()
	local self = present
	sleep(A_MOMENT)
	if self and self.phase == "reached" then
		finish_step(self)
	end
end

local function reached(self, already, after)
	if after == "line" and not already then
		self.phase = "reached"
		shell.enter(TELL, true)
	else
		finish_step(self, already)
	end
end

-- Without the lab that it began with a lesson does not go on.
local function miss_lab(self)
	if self.lab and not self.facts.lab then
		page.say("stage_spoilt")
	end
	self.lab = self.lab and self.facts.lab
end

---Looks whether the step is done, or nearly.
---@param after? string "line": a line has just ended, and others may be entered; "begun": the step has just begun
function run:check(after)
	local step = self:step()
	if self.phase == "again" or self.phase == "ended" or self.checking then
		return
	end
	self.checking = true
	self.facts:look()
	miss_lab(self)
	if step.kind == "step" and self.phase == "task" then
		local holds, wrong = condition.holds(step.done, self.facts:since(self.mark))
		if wrong and not self.failed then
			self.failed = wrong
			page.say("condition_failed", ("%s:%d"):format(self.lesson.file, step.line), step.id, wrong)
		end
		if holds or self.early[self.at] then
			goals.note_early(self, step)
			reached(self, not holds or after == "begun", after)
		else
			local key = goals.near_miss(self, step)
			if key then
				page.out("")
				page.show(self.lesson, key)
				page.out("")
			end
		end
	end
	if self.phase ~= "ended" then
		goals.note_early(self)
	end
	self.checking = false
end

---Waits until the present step is done; false when that takes too long, which is as long as a solution may take
---unless seconds says otherwise.
function run:await(seconds)
	for _ = 1, (seconds or self:step().takes or PATIENCE) / 0.02 do
		self:check()
		if self.phase ~= "task" and self.phase ~= "reached" then
			return true
		end
		sleep(0.02)
	end
	return false
end

---------------------------------------------------------------- predictions

-- At a question one key is the answer, whatever Lua would make of it; one that is no choice shows them again.
local function before(self, text)
	local step = self:step()
	local choice = tonumber(text:match("^%s*(%d)%s*$"))
	if self.phase == "task" and step.kind == "predict" and choice then
		self.choice = choice >= 1 and choice <= step.choices and choice or nil
		return "lesson"
	end
end

---Takes the choice that was typed. False when there is none.
function run:take_choice()
	local choice, step = self.choice, self:step()
	self.choice = nil
	if not choice then
		return false
	end
	self.guess = { choice = choice, answer = step.answer }
	self:note("guess=" .. choice)
	page.say("guess", choice, table.concat(page.text(self.lesson, step.id .. ".choice." .. choice), " "))
	self:begin_step(self.at + 1)
	return true
end

---------------------------------------------------------------- beginning, ending

local function after(self, how)
	if how == "interrupted" then
		local stopped = typist.stop() > 0
		if stopped and self.phase == "again" then
			page.say("again_failed")
			expect(self, self.at, true)
		elseif self.phase == "reached" then
			finish_step(self)
		end
	end
	-- What Enter was offered for is for the next line only.
	if self.offer then
		self.offer = self.offer - 1
		if self.offer < 0 then
			self.offer, self.hooks.empty = nil, nil
		end
	end
	self:check("line")
end

local function hooks_of(self)
	return {
		before = function(text) return before(self, text) end,
		after = function(how) after(self, how) end,
		called = function(call) self.facts:called(call) end,
		observed = function(news) self.facts:observed(news) end,
		tick = function() self:check() end,
		lost = function()
			present = nil
			page.say("lost", self.lesson.id)
		end,
	}
end

---The lesson is not under way any more; what it has made stays.
function run.leave()
	local self = present
	present = nil
	if self then
		self.phase = "ended"
		self.hooks.lost = nil
		shell.take(nil)
	end
end

-- The steps before number `at`, done once more. Within a job of the typist.
local function do_again(self, at)
	for i = 1, at - 1 do
		local step = self.lesson.steps[i]
		if step.kind == "step" then
			stage.play(step.setup, self.net)
			local mark = self.facts:mark()
			typist.type(step.solution)
			for _ = 1, (step.takes or PATIENCE) / 0.02 do
				self.facts:look()
				if goals.reached(self, step, mark) then
					break
				end
				sleep(0.02)
			end
		end
	end
end

-- What was expected of the step, at the question before it; also when the lesson was left since then.
local function guess_at(lesson, at)
	local step = lesson.steps[at - 1]
	local is = step and step.kind == "predict" and run.keeps_progress
		and (progress.load().steps[lesson.id] or {})[step.id]
	local choice = is and is.how:match("^guess=(%d)$")
	return choice and { choice = tonumber(choice), answer = step.answer }
end

---Begins a lesson at step number `at`, on a stage of its own. Nil and why when there can be no lab.
---@param on_end function called when the last step is done
function run.begin(lesson, at, on_end)
	local was = present
	run.leave()
	local net, played, gone = stage.build(lesson)
	if not net then
		return nil, played
	end
	if played.port ~= lesson.port then
		page.say("port_taken", lesson.port, played.port)
	end
	if played.writes ~= lesson.writes then
		page.say("file_there", lesson.writes, played.writes)
	end
	lesson = played
	-- What the lesson before has made is nothing to miss.
	if #gone.sockets > 0 and not was then
		page.say("closed", table.concat(gone.sockets, page.phrase("comma")))
	end
	for _, name in ipairs(gone.variables) do
		page.say("variable_gone", name)
	end
	local self = setmetatable({
		lesson = lesson, at = at, net = net, facts = facts.new(), early = {}, base = {}, answered = {},
		phase = "again", hints = 0, on_end = on_end, guess = guess_at(lesson, at),
		record = was and was.lesson.id == lesson.id and was.record or {},
	}, run)
	self.facts:look()
	self.lab = self.facts.lab
	self.hooks = hooks_of(self)
	self.hooks.prompt = lesson.id .. " " .. self:number()
	present = self
	shell.take(self.hooks)
	if at == 1 then
		self:begin_step(1, true)
		return self
	end
	page.say("again")
	page.out("")
	typist.start(function()
		do_again(self, at)
		self:begin_step(at, true)
	end)
	return self
end

return run
