-- lesson_report.lua - tutorial report: what a learner has done, for a teacher.

local ipairs, math, next, os = ipairs, math, next, os
local table, tostring, type = table, tostring, type
local _, shell = ...
local page = require "tcpstep.page"
local progress = require "tcpstep.progress"

local lesson_report = {}
local print = print

local function row_of(lesson, done)
	local row = { lesson = lesson.id, number = lesson.number, steps = #lesson.steps,
		done = progress.count(done, lesson), by_hand = 0, hints = 0, answers = 0, skipped = 0 }
	for _, step in ipairs(lesson.steps) do
		local is = (done.steps[lesson.id] or {})[step.id]
		if is then
			row.by_hand = row.by_hand + ((is.how == "done" or is.how:match("^guess")) and 1 or 0)
			row.hints = row.hints + is.hints
			row.answers = row.answers + (is.how == "answer" and 1 or 0)
			row.skipped = row.skipped + (is.how == "skip" and 1 or 0)
			row.last = math.max(row.last or 0, is.time)
		end
	end
	return row
end

-- As --json prints a command's values: names and numbers, none of which needs escaping.
local function json(rows)
	local out = {}
	for i, row in ipairs(rows) do
		local fields = {}
		for name, value in next, row do
			fields[#fields + 1] = (type(value) == "string" and '"%s":"%s"' or '"%s":%s'):format(name, value)
		end
		table.sort(fields)
		out[i] = "{" .. table.concat(fields, ",") .. "}"
	end
	return '{"event":"values","values":[[' .. table.concat(out, ",") .. "]]}"
end

-- Columns as wide as what stands in them.
local function show(lines)
	local wide = {}
	for _, line in ipairs(lines) do
		for i, cell in ipairs(line) do
			wide[i] = math.max(wide[i] or 0, shell.width(tostring(cell)))
		end
	end
	for _, line in ipairs(lines) do
		for i, cell in ipairs(line) do
			line[i] = page.wrap.column(tostring(cell), wide[i] + 2)
		end
		print((table.concat(line):gsub("%s+$", "")))
	end
end

---Prints a table, or, for a program or from Lua, gives it; as_json: prints it for a program.
function lesson_report.report(all, done, typed, as_json)
	local rows = {}
	for i, lesson in ipairs(all) do
		rows[i] = row_of(lesson, done)
	end
	if not typed or shell.terminal().json then
		return rows
	elseif as_json then
		print(json(rows))
		return
	end
	local lines = { { page.phrase("report_head"), page.phrase("report_done"), page.phrase("report_hints"),
		page.phrase("report_answers"), page.phrase("report_skipped"), page.phrase("report_last") } }
	for i, row in ipairs(rows) do
		lines[i + 1] = { row.lesson, ("%d/%d"):format(row.done, row.steps), row.hints, row.answers, row.skipped,
			row.last and os.date("%Y-%m-%d %H:%M", row.last) or "-" }
	end
	show(lines)
end

return lesson_report
