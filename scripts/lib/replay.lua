-- replay.lua - `replay` and `back`: a script one statement at a time, and the way back.
--
-- A script that is replayed is one coroutine, which src/lua/shell_session.c suspends before each of
-- its statements: so its locals live on. To go back everything is made anew, the variables too, and what
-- was done before is done once more: the lines of the session's record, and the statements of a script.

local error_meta, shell = ...
local M = {}
local print = print
local session_script = require("tcpstep.session_script")

-- For people only: --json has events of its own.
local function say(text)
	if not shell.terminal().json then
		print(text)
	end
end

-- The script that is replayed: path, source lines, statements, co, at (the next one), shown; record (the
-- session's steps), typed (how many there were before it), no_way (a script had run before it), goal (where the
-- next replay is to go); or nil. And the one that was replayed last, with steps (how many there were at its end).
local script, former

local function fail(op, message, hint)
	error(setmetatable({ code = "usage", op = op, message = op .. ": " .. message, hint = hint or "",
		where = "" }, error_meta), 0)
end

---------------------------------------------------------------- statements

-- Where the first token at or behind that place is; nil. Comments are none.
local function token_at(text, at)
	at = text:find("%S", at)
	while at and text:find("^%-%-", at) do
		local level = text:match("^%-%-%[(=*)%[", at)
		local _, last = text:find(level and "]" .. level .. "]" or "\n", at, true)
		at = last and text:find("%S", last + 1)
	end
	return at
end

-- Does a token begin a statement? An operator, a bracket or a string goes on with the one before.
local function begins(text, at)
	local word = text:match("^[%a_][%w_]*", at)
	return word and word ~= "and" and word ~= "or" or text:find("^::", at) or text:find("^;", at)
end

-- Is it whole, and does what follows not go on with it?
local function is_statement(text, part, follows)
	return load(part, "=part", "t") and (not follows
		or begins(text, follows) and not part:find("%f[%w_]return%s*$"))
end

local function count_lines(text)
	return select(2, text:gsub("\n", ""))
end

---Where the statements of a chunk begin and end: {first, last, code}; comments go with what follows.
---@param lines string[]
function M.statements(lines)
	local text, out = table.concat(lines, "\n"), {}
	local first, from, after = 1, 1, 1
	for last, line in ipairs(lines) do
		after = after + #line + 1
		local code = token_at(text, from)
		if code and code < after and is_statement(text, text:sub(from, after - 1), token_at(text, after)) then
			out[#out + 1] = { first = first, last = last, code = first + count_lines(text:sub(from, code)) }
			first, from = last + 1, after
		end
	end
	return out
end

---------------------------------------------------------------- a script

local function read(path)
	local file, why = io.open(path, "rb")
	if not file then
		error(setmetatable({ code = "file", op = "replay", message = "replay: " .. why, hint = "",
			where = "" }, error_meta), 0)
	end
	local text = file:read("a")
	file:close()
	return text and text:gsub("^#[^\n]*", "") or fail("replay", path .. " is no file that can be read")
end

local function show_next()
	if script.shown == script.at then
		return
	end
	script.shown = script.at
	local part = script.statements[script.at]
	local first = part.first
	while not script.lines[first]:find("%S") do
		first = first + 1
	end
	for i = first, part.last do
		say(("%7d | %s"):format(i, script.lines[i]))
	end
end

-- A statement that waits in the background comes to its end first: run_to closes the coroutine then.
local function stop()
	local this = script
	script = nil
	if this and this.ran then
		former, this.steps = this, #this.record
		this.record.late = true -- what it has made the session's lines do not make
	end
	if this and coroutine.status(this.co) == "normal" then
		shell.stop_before(this.co, 0)
	elseif this then
		shell.step_off()
		coroutine.close(this.co)
	end
end

local hooks = { empty = " replay" }

local function tell()
	if not script.ended then
		return show_next()
	end
	say(script.path .. " has ended")
	script.at = #script.statements + 1
	stop()
	shell.take(nil)
end

function hooks.before(text)
	local word = text:match("^%s*(%a+)")
	script.goes_on = word == "replay" or word == "back"
end

-- A line has ended, and all that it has caused was told. Ctrl-C ends the replay wherever it met the
-- line: before the statement, in it, or behind it.
function hooks.after(how)
	if how == "interrupted" and script.goes_on then
		stop()
		shell.take(nil)
	elseif script.goal then
		return
	elseif not script.running then
		tell()
	else
		script.late = true
	end
end

function hooks.lost()
	stop()
end

local function name_prompt()
	hooks.prompt = ("replay %d/%d"):format(script.at, #script.statements)
end

local function begin(path, text, lines, statements)
	local chunk, why = load(text, "@" .. path, "t")
	if not chunk then
		error(setmetatable({ code = "lua", op = "replay", message = why, hint = "", where = "" },
			error_meta), 0)
	end
	local record = shell.steps()
	script = { path = path, text = text, lines = lines, statements = statements or M.statements(lines),
		co = coroutine.create(chunk), at = 1, record = record, typed = #record, no_way = record.late }
end

-- Runs up to that statement; all when there is none so far.
local function run_to(at)
	local this = script
	local part = this.statements[at]
	this.goal, this.ran = nil, this.ran or at > 1
	shell.stop_before(this.co, part and part.code)
	this.running = true
	local ok, err = coroutine.resume(this.co)
	this.running = false
	if script ~= this then
		coroutine.close(this.co)
		return
	elseif not ok then
		stop()
		shell.take(nil)
		error(err, 0)
	elseif coroutine.status(this.co) == "dead" then
		this.ended = true
	else
		local line = shell.stopped_at()
		while this.statements[this.at].last < line do
			this.at = this.at + 1
		end
		name_prompt()
	end
	if this.late then
		this.late = nil
		tell()
	end
end

local function open(path)
	local text = read(path)
	local lines = {}
	for line in (text .. "\n"):gmatch("(.-)\r?\n") do
		lines[#lines + 1] = line
	end
	stop()
	begin(path, text, lines)
	if #script.statements == 0 then
		stop()
		fail("replay", path .. " has no statement")
	end
	shell.take(hooks)
	name_prompt()
	say("Enter runs the next statement; any command may be typed in between.")
end

local function need_person(op, args)
	if not args.typed then
		fail(op, "it is for the prompt, not for scripts")
	end
end

local function need_rest()
	if script and script.running then
		fail("replay", "the statement before still waits",
			"On a held wire step lets it go on; replay stop ends the script.")
	end
end

---@param args table file: a path, "stop", or nil for the next statement
function M.replay(args)
	need_person("replay", args)
	if args.file and args.file ~= "stop" then
		need_rest()
		return open(args.file)
	elseif not script then
		fail("replay", "no script is being replayed", "replay FILE.lua begins.")
	elseif args.file then
		stop()
		shell.take(nil)
	else
		need_rest()
		run_to(script.goal or script.at + 1)
	end
end

---------------------------------------------------------------- back

local STAYS = " and files stay as they are."

-- The line once more; the wire's dice with the seed that they had.
local function again(step)
	local text = step.text
	if step.command == "save" and not text:find("force=") then
		text = text .. " force=yes"
	elseif step.command == "wire" and step.seed and #step.words > 0 and not text:find("%f[%w]seed=")
		and text:find("=") then
		text = text .. " seed=" .. step.seed
	end
	return text
end

-- What failed because of a peer was on the wire too; what was typed wrong, or took its time, was not.
local function is_repeated(step)
	if session_script.is_look(step) or step.command == "set" then
		return false
	elseif step.ended == "failed" then
		return step.code and step.code:find("^E") and step.code ~= "ETIMEDOUT" and step.seconds < 2
	end
	return step.ended == "ok"
end

-- The lines that are typed once more, of those steps.
local function lines_of(record, from, to)
	local lines = {}
	for i = from, to do
		lines[#lines + 1] = is_repeated(record[i]) and again(record[i]) or nil
	end
	return lines
end

-- An empty stage, and the variables that the program began with: they are this module's own.
local function clear()
	shell.clear()
	for name in next, _G do
		if rawget(_G, name) ~= rawget(_ENV, name) then
			rawset(_G, name, nil)
		end
	end
	for name, value in next, _ENV do
		rawset(_G, name, value)
	end
end

-- Types the lines, up to the first so many, and goes on then. Ctrl-C ends it where it is.
local function type_all(lines, count, and_then)
	local n = 0
	shell.take { after = function(how)
		n = n + 1
		if how == "interrupted" then
			if n <= count then
				say("not replayed: " .. table.concat(lines, "; ", n, count))
			end
			shell.take(nil)
		elseif n > count then
			and_then()
		else
			shell.enter(lines[n])
		end
	end }
end

local function back_in_script(old, record, count)
	-- A statement that still waits is taken back like one that has ended.
	local at = math.max(1, old.at + (old.running and 1 or 0) - count)
	local lines = lines_of(record, 1, old.typed)
	local between = #lines_of(record, old.typed + 1, #record) > 0
	stop()
	clear()
	say(("A replay of %s up to there: ports and sequence numbers are new."):format(old.path))
	say((between and "What was typed in between is left out; settings" or "Settings") .. STAYS)
	type_all(lines, #lines, function()
		begin(old.path, old.text, old.lines, old.statements)
		shell.take(hooks)
		script.goal = at
		shell.enter("replay", true)
	end)
end

local function back_in_session(record, count)
	local lines = lines_of(record, 1, #record)
	if #lines == 0 then
		fail("back", "nothing was typed yet that could be taken back")
	end
	local left = math.max(0, #lines - count)
	say(("without: %s"):format(table.concat(lines, "; ", left + 1)))
	say("A replay of the rest follows: ports and sequence numbers are new.")
	say("Settings" .. STAYS)
	clear()
	type_all(lines, left, function() shell.take(nil) end)
end

---@param args table count
function M.back(args)
	local record = shell.steps()
	-- One that has just ended, or failed, may be gone back in too.
	local old = script or former and former.record == record
		and #lines_of(record, former.steps + 1, #record) == 0 and former
	need_person("back", args)
	if require("tcpstep.lesson_run").present() then
		fail("back", require("tcpstep.page").phrase("no_back"))
	elseif old and old.no_way or not old and record.late then
		fail("back", "a script has run in this session before, and would not run again",
			"replay FILE.lua, in a new session, shows a script so that there is a way back.")
	elseif record.full then
		fail("back", "this session is longer than what is kept of it")
	end
	if old then
		back_in_script(old, record, args.count or 1)
	else
		back_in_session(record, args.count or 1)
	end
end

return M
