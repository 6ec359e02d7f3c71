-- scenario.lua - what a scenario's own process does in Lua: its tests, and the record of its failure.
--
-- The file is run. When it has named tests (test("claim", f)), they are told to the runner, which starts
-- a process for each; that one runs the file again, and then the test with its claim.

local error_meta, shell, private = ...
local scenario = {}

-- What the script does to its globals later does not matter here.
local pack, traceback, getinfo, getlocal = string.pack, debug.traceback, debug.getinfo, debug.getlocal
local type, next, tostring, tonumber, pcall, rawget = type, next, tostring, tonumber, pcall, rawget
local getmetatable, setmetatable, error, loadfile, concat = getmetatable, setmetatable, error, loadfile, table.concat
local write, quit = io.write, quit
local globals = _G
local failure = require "tcpstep.failure"

-- Why lab() may fail on a machine that allows none: the scenario is then skipped.
local NO_LAB = { EPERM = true, EACCES = true, ENOSYS = true, EUSERS = true, ENOSPC = true, EROFS = true,
	ENOENT = true, ENODEV = true, ENXIO = true, EOPNOTSUPP = true }
local TEXT_MAX, RECORD_MAX, CLAIM_MAX = 16000, 120000, 1000

local words -- {file = , claim = , nth = , dir = , name = , ...}

---------------------------------------------------------------- what the script finds

-- The calls that may end the process tell first where they stand.
local function told(f)
	return function(...)
		private.place()
		return f(...)
	end
end

local function prepare()
	local tests = {}
	local assert = assert
	---@diagnostic disable-next-line: lowercase-global
	function globals.test(claim, f)
		if type(claim) ~= "string" or type(f) ~= "function" then
			error('test: a claim and a function are expected: test("a SYN is answered", function() ... end)', 2)
		end
		if tests.named then
			error("test: a test cannot hold another one: the file itself names them all, before any of them runs", 2)
		end
		-- A claim is a word of a command line as well.
		tests[#tests + 1] = { claim = claim:sub(1, CLAIM_MAX):gsub("%z", "\\0"), f = f }
	end
	function globals.skip(why)
		error(setmetatable({ code = "skip", op = "skip", message = tostring(why or "no reason given"),
			hint = "", where = "" }, error_meta), 0)
	end
	function globals.assert(...)
		private.checked()
		return assert(...)
	end
	-- The shell's own commands of these names are of no use in a scenario.
	globals.quit = told(quit)
	for _, call in next, { { os, "exit" }, { os, "execute" }, { io, "popen" } } do
		local library, name = call[1], call[2]
		library[name] = told(library[name])
	end
	globals.arg = { [0] = words.file }
	return tests
end

-- The nth of the tests with that claim: the order may be another one in each process, as that of pairs is.
local function test_of(tests, claim, nth)
	for i = 1, #tests do
		nth = nth - (tests[i].claim == claim and 1 or 0)
		if nth == 0 then
			return tests[i]
		end
	end
	error(('the file has no test "%s" this time: it must name the same ones each time'):format(claim), 0)
end

-- Runs the file, then the test that is asked for. Called once, as the script's task.
function scenario.main(file, ...)
	words = { file = file }
	for _, word in next, { ... } do
		local name, value = word:match("^(%w+)=(.*)$")
		words[name] = value
	end
	local tests = prepare()
	local nth = tonumber(words.nth)
	if shell.what(file) == "other" then
		error(file .. " is no regular file", 0)
	end
	local chunk, why = loadfile(file, "t")
	if not chunk then
		error(why, 0)
	end
	chunk()
	tests.named = true
	if nth then
		return test_of(tests, words.claim, nth).f()
	elseif #tests > 0 then
		local claims = {}
		for i = 1, #tests do
			claims[i] = pack("s4", tests[i].claim)
		end
		local text = concat(claims)
		if #text > RECORD_MAX then
			error(("%d tests are too many for a file, or their claims too long"):format(#tests), 0)
		end
		private.tests(text)
	end
end

---------------------------------------------------------------- the record of a failure

-- The innermost line of the script's, and the traceback below.
local function place(thread)
	for level = 0, 200 do
		local info = getinfo(thread, level, "Sl")
		if not info then
			return nil
		end
		if info.currentline > 0 and info.source:sub(1, 1) == "@" then
			return info.source:sub(2), info.currentline
		end
	end
end

local function is_ours(err)
	return type(err) == "table" and getmetatable(err) == error_meta
end

local function message_of(err)
	if is_ours(err) then
		return tostring(err.message)
	elseif err == nil then
		return "an error without a value (nil) was raised"
	elseif type(err) == "table" and not (getmetatable(err) or {}).__tostring then
		return "an error was raised with a table"
	end
	local said, text = pcall(tostring, err)
	return said and text or "an error was raised whose __tostring fails"
end

-- The calls under way, but those that are not the script's; nil when there is only the one that failed.
local function calls(thread)
	local out = {}
	for line in traceback(thread):gmatch("\n\t([^\n]+)") do
		if not line:match("^scenario%.lua:") and line ~= "[C]: in ?" and not (#out == 0 and line:match("^%[C%]")) then
			out[#out + 1] = line:gsub("in local 'chunk'$", "in main chunk")
		end
	end
	return #out > 1 and "calls, the last one first:\n  " .. concat(out, "\n  ") or nil
end

-- Is it the file that Lua's message begins with, which cuts long names?
local function is_file(at, file)
	return at == file or file and at:sub(1, 3) == "..." and at:sub(4) == file:sub(-#at + 3)
end

-- The least that is known of any error. What failure.describe knows goes over it.
local function basics(err, thread)
	local file, line = place(thread)
	local message = message_of(err):gsub("^scenario%.lua:%d+: ", "")
	local record = { code = is_ours(err) and err.code or "lua", hint = is_ours(err) and err.hint ~= "" and err.hint
		or nil }
	local where = is_ours(err) and type(err.where) == "string" and err.where .. ": " or message
	local at, number, rest = where:match("^([^\n]-):(%d+): (.*)$")
	for _, known in next, { words.file, file } do
		if at and is_file(at, known) then
			file, line = known, number
			message = is_ours(err) and message or rest
			break
		end
	end
	record.file, record.line, record.message = file or words.file, tonumber(line) or 1, message
	if not is_ours(err) then
		record.trace = calls(thread)
	end
	return record
end

local function skipped(err)
	return is_ours(err) and (err.code == "skip" or err.op == "lab" and NO_LAB[err.code])
end

local function packed(record)
	local out, size = {}, 0
	for key, value in next, record do
		local kind = math.type(value) or type(value)
		local text = tostring(value):sub(1, TEXT_MAX)
		if (kind == "string" or kind == "integer" or kind == "float") and size + #text < RECORD_MAX then
			size = size + #text + #key
			out[#out + 1] = pack("s4zs4", key, kind, text)
		end
	end
	return concat(out)
end

-- With words.stop: the report, and the variables of the script as globals, for a prompt.
local function stopped(record, thread)
	write("\n", private.clean(failure.text(record, 1, tonumber(words.columns))), "\n")
	for level = 0, 200 do
		local info = getinfo(thread, level, "S")
		if not info then
			break
		end
		for i = 1, info.source:sub(1, 1) == "@" and 200 or 0 do
			local name, value = getlocal(thread, level, i)
			if not name then
				break
			end
			if name:match("^[%a_]") and rawget(globals, name) == nil then
				globals[name] = value
			end
		end
	end
	io.stdout:flush()
end

-- Of the error value that the thread raised, or of the limit that it has reached: "failed" or
-- "skipped", and what is known, packed. Everything is still alive.
function scenario.record(err, thread, limit)
	if limit then
		err = setmetatable({ code = "limit", op = "", message = limit, hint = "", where = "" }, error_meta)
	end
	local record = basics(err, thread)
	if skipped(err) then
		return "skipped", packed(record)
	end
	private.recording(packed(record))
	local described, more = pcall(failure.describe, err, { dir = words.dir, name = words.name,
		columns = tonumber(words.columns), verbose = words.verbose == "yes",
		thread = thread, file = record.file, line = record.line })
	for key, value in next, described and type(more) == "table" and more or {} do
		-- Where Lua's own message stands, and what is no message at all, is known here.
		if record[key] == nil or is_ours(err) then
			record[key] = value
		end
	end
	if words.stop == "yes" then
		stopped(record, thread)
	end
	return "failed", packed(record)
end

return scenario
