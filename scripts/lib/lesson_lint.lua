-- lesson_lint.lua - tutorial lint: what is wrong with lessons, by file and line.

local _, shell = ...
local lesson_file = require "tcpstep.lesson_file"

local lesson_lint = {}
local print = print

---All problems of the lessons in a directory, the ones inside the program when left out; how many lessons.
---@param only? fun(lesson): boolean those to look at
function lesson_lint.problems(dir, only)
	local names, why = lesson_file.directories(dir)
	local out, ids = {}, {}
	for _, name in ipairs(names or {}) do
		local lesson = lesson_file.read(name, not dir)
		if not only or only(lesson) then
			table.move(lesson.problems, 1, #lesson.problems, #out + 1, out)
		end
		if ids[lesson.number] then
			out[#out + 1] = ("%s:1: %s has the number %d too"):format(lesson.file, ids[lesson.number], lesson.number)
		end
		ids[lesson.number] = lesson.directory
	end
	if not names then
		out[1] = tostring(why)
	elseif #names == 0 then
		out[1] = tostring(dir) .. ": there is no lesson, which is a directory such as 01-shell"
	end
	return out, #(names or {})
end

function lesson_lint.lint(dir)
	local problems, n = lesson_lint.problems(dir)
	for _, problem in ipairs(problems) do
		print(problem)
	end
	print(("%d lesson%s, %d problem%s"):format(n, n == 1 and "" or "s", #problems, #problems == 1 and "" or "s"))
	if #problems > 0 and not shell.terminal().person then
		quit(1)
	end
end

return lesson_lint
