-- lesson_goals.lua - what of a lesson under way is reached: its steps' goals, also early, and near misses.
--
-- A goal that is reached stays so. A later step's goal that is reached early counts too, but one line
-- does not do two steps that want the same, and a wrong turn that was answered does none.

local ipairs, next, require, type = ipairs, next, require, type
local condition = require "tcpstep.condition"

local goals = {}

---Is the step's goal reached by what has happened since the mark?
function goals.reached(run, step, mark)
	return step.kind == "step" and condition.holds(step.done, run.facts:since(mark))
end

-- What of the later steps is so already is no doing of the learner's, and what has happened does not count for them.
local function look_ahead(run, mark)
	run.ahead, run.base = mark, {}
	for i = run.at + 1, #run.lesson.steps do
		run.base[i] = goals.reached(run, run.lesson.steps[i], mark)
	end
end

---From here on facts count for the next step.
function goals.begin_anew(run)
	run.mark = run.facts:mark()
	look_ahead(run, run.mark)
end

---From here on near misses of the step are answered.
function goals.watch_near(run, step)
	run.near = {}
	for name, cond in next, step.near or {} do
		local mark = run.facts:mark()
		run.near[name] = { cond = cond, mark = mark, was = condition.holds(cond, run.facts:since(mark)) }
	end
end

local function same(a, b)
	if type(a) ~= "table" or type(b) ~= "table" then
		return a == b
	end
	for key, value in next, a do
		if not same(value, b[key]) then
			return false
		end
	end
	for key in next, b do
		if a[key] == nil then
			return false
		end
	end
	return true
end

---Notes later goals that are reached already; when the present one just was, only those that want something else.
---@param present? table the step that was just reached
function goals.note_early(run, present)
	for i, was in next, run.base do
		local step = run.lesson.steps[i]
		if not was and goals.reached(run, step, run.ahead) and not (present and same(present.done, step.done)) then
			run.early[i] = true
		end
	end
end

---The key of the text that answers a near miss which has just happened, or nil.
function goals.near_miss(run, step)
	for _, key in ipairs(run.lesson.order.en) do
		local name = key:match("^" .. step.id:gsub("%-", "%%-") .. "%.near%.(.+)$")
		local near = name and run.near[name]
		if near then
			local holds = condition.holds(near.cond, run.facts:since(near.mark))
			local fresh = holds and not near.was
			near.was = holds
			if fresh then
				-- What happens once more is answered once more.
				near.mark = run.facts:mark()
				near.was = condition.holds(near.cond, run.facts:since(near.mark))
				run.answered[name] = true
				-- What was answered as a wrong turn does no later step, also not together with what comes.
				look_ahead(run, near.mark)
				return key
			end
		end
	end
end

return goals
