-- walkthrough.lua - `walkthrough`: a text with sessions in it, run block by block, or checked.
--
-- A block is fenced by ``` or ~~~ and has a line that begins with a prompt: "tcpstep> ", "lab> ",
-- "lab:2> ". Such a line is run; what stands below it, up to the next, is what it prints. ">> " goes on
-- with unfinished Lua, and "$ " is a line for the system's shell: neither it nor its output counts.
-- All else is prose. Blocks go on in one session, like the text.

local error_meta, shell = ...
local wrap, count = require "tcpstep.wrap", require("tcpstep.values").count
local M = {}
local print, concat, io, listen, min = print, table.concat, io, listen, math.min

-- Output that comes by itself, as news of a peer does, is awaited so long: times of PAUSE.
local PAUSE, PATIENCE = "sleep 50ms", 60

local words = {
	en = {
		block = "[%d/%d] Enter runs this block; what you type runs as ever. walkthrough off ends.",
		failed = "%s:%d: \"%s\" has failed. Enter goes on behind it; walkthrough off ends.",
		stopped = "%s:%d: stopped at \"%s\". Enter goes on; walkthrough off ends.",
		over = "The end of %s.",
		rest = "That was the last block of %s; what follows in it is only to be read.",
		off = "The walkthrough has ended; its sockets stay.",
		lost = "note: the walkthrough has lost the prompt; it has ended.",
	},
	zh = {
		block = "[%d/%d] 按回车执行这一段；其他输入照常执行。walkthrough off 结束。",
		failed = "%s:%d：“%s”失败了。按回车从下一行继续；walkthrough off 结束。",
		stopped = "%s:%d：停在“%s”。按回车继续；walkthrough off 结束。",
		over = "%s 到此结束。",
		rest = "%s 的会话到此结束，后面的内容只供阅读。",
		off = "演练已结束，套接字都还在。",
		lost = "注意：提示符已被别的功能占用，演练到此结束。",
	},
}

local function say(key, ...)
	local text = (words[shell.terminal().lang] or words.en)[key]:format(...)
	print(concat(wrap.lines({ text }, shell.terminal().columns - 1), "\n"))
end

local function fail(message, hint)
	error(setmetatable({ code = "usage", op = "walkthrough", message = "walkthrough: " .. message,
		hint = hint or "", where = "" }, error_meta), 0)
end

---------------------------------------------------------------- the file

-- What is gone through without a file: a text inside the program.
local function own()
	return shell.terminal().lang == "zh" and "README.zh.md" or "README.md"
end

local function read(path)
	local file, why = io.open(path, "rb")
	local text
	if file then
		text, why = file:read("a")
		file:close()
	end
	if not text then
		fail(path .. ": " .. why:match("([^:]+)$"):gsub("^ ", ""):lower(),
			"usage: walkthrough FILE.md, as in: walkthrough README.md")
	end
	if not utf8.len(text) then
		fail(path .. ": this is no text (it is not UTF-8)")
	end
	return (text:gsub("\r\n", "\n"))
end

-- What is typed in a line that begins with a prompt.
local function typed(line)
	return line:match("^tcpstep> ?(.*)") or line:match("^lab> ?(.*)") or line:match("^lab:%d+> ?(.*)")
end

-- The lines of a fenced block as steps {line, text, want = lines}; nil when nothing is typed in it.
local function steps_of(lines, first)
	local steps, step = {}, nil
	for i, line in ipairs(lines) do
		local text = typed(line)
		if text then
			step = { line = first + i - 1, text = text, want = {} }
			steps[#steps + 1] = step
		elseif line:match("^%$ ") then
			step = nil
		elseif step and #step.want == 0 and line:match("^>> ") then
			step.text = step.text .. "\n" .. line:sub(4)
		elseif step then
			step.want[#step.want + 1] = line
		end
	end
	return #steps > 0 and steps or nil
end

-- What stands before a line's fence, and the fence; nil when it has none. ```So``` is code within a line.
local function fence_of(line)
	local blanks, mark, rest = line:match("^(%s*)(```+)(.*)$")
	if mark and not rest:find("`", 1, true) then
		return blanks, mark
	end
	return line:match("^(%s*)(~~~+)")
end

-- Blocks {line, prose = lines in front, steps}, and the prose behind the last.
local function parse(path, text)
	local blocks, prose, fence, indent, inside, from = {}, {}, nil, 0, {}, 0
	local number = 0
	for line in (text .. "\n"):gmatch("(.-)\n") do
		number = number + 1
		local blanks, mark = fence_of(line)
		if not fence and mark then
			fence, indent, inside, from = mark, #blanks, {}, number
		elseif fence and mark and mark:sub(1, #fence) == fence and not line:match("[^%s`~]") then
			local steps = steps_of(inside, from + 1)
			if steps then
				blocks[#blocks + 1] = { line = from, prose = prose, steps = steps }
				prose = {}
			else
				for _, each in ipairs(inside) do
					prose[#prose + 1] = "    " .. each
				end
			end
			fence = nil
		elseif fence then
			inside[#inside + 1] = line:sub(min(indent, #line:match("^ *")) + 1)
		else
			prose[#prose + 1] = line
		end
	end
	if fence then
		fail(("%s:%d: the block that begins here does not end"):format(path, from),
			"A block ends with a line of " .. fence .. " alone.")
	end
	if #blocks == 0 then
		fail(path .. ": there is no session in it",
			"A session is a block fenced by ```, with lines that begin with \"tcpstep> \".")
	end
	return blocks, prose
end

---------------------------------------------------------------- what varies

local masks = {
	{ "([%d%]]):%d+", "%1:P" }, -- a port behind its address
	{ "%(raw %d+%)", "(raw N)" },
	{ "again after [%d., and]+ s%f[%W]", "again after T" },
	{ "%d+ cop[yies]+ folded", "N copies folded" },
	{ "%d+ packets %(%d+ marked", "N packets (N marked" },
	{ "%f[%d]%d[%d.]* [mu]s%f[%W]", "T" },
	{ "%f[%d]%d[%d.]* s%f[%W]", "T" },
	{ "%f[%d]%d+ min%f[%W]", "T" },
	{ "%(pid %d+%)", "(pid N)" },
	{ "[ %-][ %-]+", " " }, -- columns move with the numbers
	{ " +$", "" },
}

-- The lines with ports, times and the widths of columns made alike.
local function mask(lines)
	local out = {}
	for _, line in ipairs(lines) do
		for _, m in ipairs(masks) do
			line = line:gsub(m[1], m[2])
		end
		out[#out + 1] = line
	end
	while out[#out] == "" do
		out[#out] = nil
	end
	return concat(out, "\n")
end

local function lines_of(text)
	local lines = {}
	for line in text:gmatch("([^\n]*)\n?") do
		lines[#lines + 1] = line
	end
	return lines
end

-- Each port that is typed here becomes one that is free; in a lab all are.
local function free_ports(blocks)
	local new = {}
	local function replace(head, port)
		if #port < 4 then
			return nil
		end
		if not new[port] then
			local l = listen(0)
			new[port] = tostring(l.port)
			l:close()
		end
		return head .. new[port]
	end
	for _, block in ipairs(blocks) do
		for _, step in ipairs(block.steps) do
			step.run = step.text:gsub("^(listen%s+)(%d+)", replace)
				:gsub("(connect%s+)(%d+)", replace)
				:gsub("(127%.0%.0%.1:)(%d+)", replace)
		end
	end
end

---------------------------------------------------------------- running

local walk -- the one under way

local function finish()
	walk.hooks.lost = nil
	walk = nil
	shell.take(nil)
end

-- Prose behind the last block: more than that would only push the block off the screen.
local REST_MAX = 12

-- Prose, set for the terminal: an item of a list, a row of a table and a heading begin anew.
local function set_prose(lines)
	local columns, out, paragraph = shell.terminal().columns - 1, {}, {}
	local function flush()
		local set = wrap.lines(paragraph, columns)
		table.move(set, 1, #set, #out + 1, out)
		paragraph = {}
	end
	for _, line in ipairs(lines) do
		if line:match("^[-*#|>]") or line:match("^%d+%. ") then
			flush()
		end
		paragraph[#paragraph + 1] = line
	end
	flush()
	local text = concat(out, "\n"):gsub("^%s*\n", ""):gsub("%s+$", "")
	return text .. (text ~= "" and "\n" or ""), select(2, text:gsub("\n", "\n"))
end

-- Shows what stands in front of the block that is next; without one the text is at its end.
local function show_prose()
	local block = walk.blocks[walk.at]
	local text, lines = set_prose(block and block.prose or walk.rest)
	if block then
		print(text)
		walk.hooks.prompt = ("%s %d/%d"):format(walk.name, walk.at, #walk.blocks)
		say("block", walk.at, #walk.blocks)
	elseif lines > REST_MAX then
		say("rest", walk.path)
		finish()
	else
		print(text)
		say("over", walk.path)
		finish()
	end
end

local function is_error(step)
	return (step.want[1] or ""):match("^error:")
end

local function stop(how, step)
	walk.running = nil
	say(how == "failed" and "failed" or "stopped", walk.path, step.line, step.text)
end

-- After each line comes a pause, so that news of it are told before the next.
local function after_step(how)
	local steps = walk.blocks[walk.at].steps
	local step = steps[walk.step]
	walk.step = walk.step + 1
	if how == "interrupted" or (how == "failed" and not is_error(step)) then
		stop(how, step)
	end
	if steps[walk.step] then
		if walk.running then
			walk.running = "pause"
			shell.enter(PAUSE, true)
		end
		return
	end
	walk.running, walk.at, walk.step = nil, walk.at + 1, 1
	print()
	show_prose()
end

-- A line has ended. walk.running: nil, the user's own; else the pause before a step, or the step.
local function after(how)
	if walk.running == "step" then
		after_step(how)
	elseif walk.running == "pause" and how ~= "ok" then
		stop(how, walk.blocks[walk.at].steps[walk.step])
	elseif walk.running == "pause" then
		walk.running = "step"
		shell.enter(walk.blocks[walk.at].steps[walk.step].text)
	end
end

---------------------------------------------------------------- checking

local function end_check(status)
	shell.quiet(false)
	shell.shown(false)
	shell.attend(walk.attended)
	local path = walk.path
	shell.clear()
	finish()
	if status ~= "ok" and not shell.terminal().person then
		shell.enter(status == "failed" and "quit 1" or "quit 77", true)
	end
	print(("%s: %s"):format(path, status))
end

local function report(kind, block, more)
	shell.quiet(false)
	print(("%-5s %s:%d  %s"):format(kind, walk.path, block.line, more))
	shell.quiet(true)
end

local function indented(lines)
	return "      " .. concat(lines, "\n      ")
end

local function fails(block, step, ...)
	report("FAIL", block, ("line %d: %s"):format(step.line, step.text))
	shell.quiet(false)
	print(...)
	end_check("failed")
end

local function differs(block, step, got)
	fails(block, step, "   printed\n" .. indented(got) .. "\n   expected\n"
		.. indented(#step.want > 0 and step.want or { "no error" }))
end

-- What would end the check: at the end of the text it may.
local function ends_all(step)
	return step.text:match("^%s*quit%f[^%w_]") or step.text:find("os.exit", 1, true)
end

local function is_last(block, step)
	return block == walk.blocks[#walk.blocks] and step == block.steps[#block.steps] and #step.want == 0
end

-- A block that shows nothing of what is printed only has to run.
local function only_typed(block)
	for _, step in ipairs(block.steps) do
		if #step.want > 0 then
			return false
		end
	end
	return true
end

local function next_check()
	local block = walk.blocks[walk.at]
	walk.step, walk.tries, walk.how, walk.got = walk.step + 1, 0, nil, ""
	local step = block.steps[walk.step]
	if step and ends_all(step) and not is_last(block, step) then
		return fails(block, step, "   it ends the program, and what stands below is not compared")
	elseif not step or ends_all(step) then
		report("ok", block, count(#block.steps, "line"))
		walk.at, walk.step = walk.at + 1, 0
		if not walk.blocks[walk.at] then
			return end_check("ok")
		end
		return next_check()
	end
	shell.shown(true)
	-- One that is hidden and fails ends a session without a person.
	shell.enter(step.run, walk.attended)
end

local function after_check(how)
	if walk.step == 0 then
		return next_check()
	end
	local block = walk.blocks[walk.at]
	local step = block.steps[walk.step]
	walk.how = walk.how or how
	walk.got = walk.got .. shell.shown(true)
	local got = lines_of(walk.got)
	if how == "interrupted" or (walk.how == "failed" and not is_error(step)) then
		if walk.no_lab then
			report("skip", block, walk.no_lab)
			return end_check("skipped")
		end
		return differs(block, step, got)
	elseif only_typed(block) or mask(got) == mask(step.want) then
		return next_check()
	elseif walk.tries == PATIENCE then
		return differs(block, step, got)
	end
	walk.tries = walk.tries + 1
	shell.enter(PAUSE, true)
end

local function begin_check()
	free_ports(walk.blocks)
	shell.clear()
	walk.attended = shell.terminal().person
	shell.attend(true)
	shell.quiet(true)
	walk.step, walk.checks = 0, true
	walk.hooks.after = after_check
	walk.hooks.lost = function()
		local block = walk.blocks[walk.at]
		fails(block, block.steps[walk.step], "   it takes the prompt, and what stands below is not compared")
	end
	walk.hooks.called = function(call)
		walk.no_lab = call.command == "lab" and call.code and call.message or walk.no_lab
	end
end

---------------------------------------------------------------- the command

local function begin(file, check)
	local path = file or own()
	local blocks, rest = parse(path, file and read(path) or shell.file(path))
	walk = { path = path, name = path:match("([^/]+)$"):gsub("%.md$", ""), blocks = blocks, rest = rest,
		at = 1, step = 1 }
	walk.hooks = {
		empty = "walkthrough next",
		after = after,
		lost = function()
			walk = nil
			shell.quiet(false)
			say("lost")
		end,
	}
	if check then
		begin_check()
	else
		show_prose()
	end
	shell.take(walk.hooks)
end

---The command: args.file is a file's name, "next", "off" or nil.
function M.walkthrough(args)
	if walk and walk.checks then
		fail("another is being checked")
	elseif not args.typed then
		fail("it runs lines as if typed, and a script types none", "At the prompt: walkthrough README.md")
	elseif args.file ~= "next" and args.file ~= "off" then
		return begin(args.file, args.check)
	elseif not walk then
		fail("none is under way", "walkthrough FILE.md begins one.")
	elseif args.file == "off" then
		say("off")
		finish()
	else
		walk.running = "pause"
	end
end

return M
