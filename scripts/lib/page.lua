-- page.lua - the tutor's output: its own words and a lesson's texts, in the learner's language.

local require, select = require, select
local _, shell = ...
local lesson_file = require "tcpstep.lesson_file"
local phrases = require "tcpstep.phrases"
local wrap = require "tcpstep.wrap"

local page = {}
local print, concat, type = print, table.concat, type
local told_english = false
-- With less room than this beside it a text goes below.
local BESIDE, BELOW = 16, 6

---Shows a text as it is; with --json as one more event, {"event":"lesson","text":...}.
function page.out(text)
	if not shell.terminal().json then
		print(text)
		return
	end
	local escaped = text:gsub('[%c"\\]', function(c)
		return c == "\n" and "\\n" or ("\\u%04x"):format(c:byte())
	end)
	print(('{"event":"lesson","text":"%s"}'):format(escaped))
end

-- A rule is as wide as a lesson's text may be.
local function columns()
	local all = shell.terminal().columns
	return all < 80 and all - 1 or 78
end

function page.lang()
	return shell.terminal().lang
end

---One of the tutor's own phrases.
function page.phrase(name, ...)
	local text = (phrases[page.lang()] or phrases.en)[name] or phrases.en[name]
	return select("#", ...) > 0 and text:format(...) or text
end

---Shows lines, set for the terminal.
function page.lines(lines)
	page.out(concat(wrap.lines(lines, columns()), "\n"))
end

---Shows a paragraph, a line or several, behind what stands in front of it; what is too long goes on below itself.
function page.item(head, text)
	local wide = shell.width(head)
	local below = columns() - wide < BESIDE
	local from = below and BELOW or wide
	local lines = wrap.lines(type(text) == "table" and text or { text }, columns() - from)
	page.out(head .. (below and "\n" .. (" "):rep(from) or "") .. concat(lines, "\n" .. (" "):rep(from)))
end

---Shows one of the tutor's own phrases.
function page.say(name, ...)
	local lines = {}
	for line in (page.phrase(name, ...) .. "\n"):gmatch("(.-)\n") do
		lines[#lines + 1] = line
	end
	page.lines(lines)
end

---A text of the lesson, English where it is missing, which is said once.
---@return string[]
function page.text(lesson, key)
	local lines, english = lesson_file.text(lesson, page.lang(), key)
	if english and lines and not told_english then
		told_english = true
		page.say("english")
	end
	return lines or {}
end

---Shows a text of the lesson.
function page.show(lesson, key)
	page.lines(page.text(lesson, key))
end

function page.title(lesson)
	return concat(lesson_file.text(lesson, page.lang(), "title") or {}, " ")
end

---A rule with words in it: "--- 2/6 done ------------".
function page.rule(words)
	local head = "--- " .. words .. " "
	page.out(head .. ("-"):rep(columns() - shell.width(head)))
end

page.wrap = wrap

return page
