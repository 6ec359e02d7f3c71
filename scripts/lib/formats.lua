-- formats.lua - how the runner writes what scenarios came to: for people, TAP, JUnit, JSON.
--
-- Each format has begin(run), item(run, item) for a scenario that is done, and finish(run), which also says
-- which ones have not run: run.all holds them with the others.

local _, shell, private = ...
local formats = {}

local concat, put, clean = table.concat, private.put, private.clean
local failure, words, wrap = require "tcpstep.failure", require "tcpstep.words", require "tcpstep.wrap"
local count = require("tcpstep.values").count

-- What acts on a terminal though it is UTF-8: control characters above 127, and those that turn text round.
local ACTING = { "\xc2[\x80-\x9f]", "\xe2\x80[\x8e\x8f\xaa-\xae]", "\xe2\x81[\xa6-\xa9]" }

local function json(text)
	text = private.json(text)
	for _, pattern in ipairs(ACTING) do
		text = text:gsub(pattern, function(c) return ("\\u%04x"):format(utf8.codepoint(c)) end)
	end
	return text
end

local PRINTED_LINES, PRINTED_INDENT = 20, 13

local function write(run, ...)
	if run.progress then
		private.draw("")
	end
	put(concat({ ... }))
end

-- Why it has come to nothing, where it was skipped or has not run.
local function reason(item)
	return item.verdict == "skipped" and item.record and item.record.message
		or item.verdict == "not run" and "not run" or nil
end

-- f(run, item) for those that have not run.
local function each_left(run, f)
	for _, item in ipairs(run.left > 0 and run.all or {}) do
		if item.verdict == "not run" then
			f(run, item)
		end
	end
end

---------------------------------------------------------------- for people

local human = {}
formats.human = human

-- Longer names do not move the columns of the others.
local NAME_COLUMNS = 60

function human.begin(run)
	run.width = 0
	for _, item in ipairs(run.items) do
		run.width = math.max(run.width, math.min(shell.width(words.named(item.name)), NAME_COLUMNS))
	end
end

local WORDS = { ok = "ok", failed = "FAIL", skipped = "skip" }

-- "3 of 100 runs", where there is more than one.
local function runs_of(item)
	if item.runs == 1 then
		return ""
	elseif item.failures > 0 then
		return ("   %d of %d runs"):format(item.failures, item.runs)
	end
	return ("   %d runs"):format(item.runs)
end

-- What it has printed, the last lines of it, escaped.
local function printed(run, item)
	local lines = {}
	for line in clean((item.output or ""):gsub("\t", "    ")):gmatch("[^\n]+") do
		local pieces = wrap.cut(line, run.columns - PRINTED_INDENT)
		table.move(pieces, 1, #pieces, #lines + 1, lines)
	end
	local out, first = {}, math.max(1, #lines - PRINTED_LINES + 1)
	for i = first, #lines do
		out[#out + 1] = ("   %-9s %s\n"):format(i == first and "printed" or "", lines[i])
	end
	if first > 1 then
		out[#out + 1] = ("             (%s before them)\n"):format(count(first - 1, "line"))
	end
	if (item.lost or 0) > 0 then
		out[#out + 1] = ("             (%s before these, not kept)\n"):format(count(item.lost, "byte"))
	end
	return concat(out)
end

function human.item(run, item)
	local line = ("%-4s  %s   %.2f s%s"):format(WORDS[item.verdict], wrap.column(words.named(item.name), run.width),
		item.seconds / item.runs, runs_of(item))
	if item.verdict == "skipped" then
		line = line .. "   " .. clean(item.record and item.record.message or ""):gsub("\n.*", "")
	elseif run.o.verbose then
		line = line .. "   " .. count(item.checks, "check")
	end
	write(run, line, "\n", run.o.verbose and item.verdict ~= "failed" and printed(run, item) or "")
end

local function report(run, item, number)
	local record = item.record
	record.name = item.name
	local output = printed(run, item)
	write(run, "\n", clean(failure.text(record, number, run.columns)), output ~= "" and "\n" .. output or "")
end

function human.finish(run)
	local number, c, runs = 0, run.counts, 0
	for _, item in ipairs(run.all) do
		runs = runs + item.runs
		if item.verdict == "failed" then
			number = number + 1
			-- At the prompt of stop=yes it has been shown.
			if not run.o.stop then
				report(run, item, number)
			end
		end
	end
	local head = count(#run.all, "scenario") .. (runs ~= #run.all - run.left and ", " .. count(runs, "run") or "")
		.. (": %d ok, %d failed, %d skipped%s   %.2f s"):format(c.ok, c.failed, c.skipped,
			run.left > 0 and (", %d not run"):format(run.left) or "", run.seconds)
	local tail = ("%s, tcpstep %s%s%s"):format(run.machine.system, run.machine.version,
		run.o.shuffle and ", shuffle " .. run.o.shuffle or "", run.interrupted and ", interrupted" or "")
	-- A file has lines of any length, a terminal has not.
	local fits = not run.machine.erase or #head + 3 + #tail < shell.terminal().columns
	write(run, "\n", head, fits and "   " or "\n", tail, "\n")
end

---------------------------------------------------------------- TAP

local tap = {}
formats.tap = tap

function tap.begin(run)
	run.number = 0
	write(run, "TAP version 13\n")
end

-- What stands in a record, the plain things first. A JSON string is a YAML string too.
local function record_fields(record)
	local names = {}
	for name in pairs(record) do
		names[#names + 1] = name
	end
	table.sort(names)
	return names
end

local function yaml(record, output)
	local out = { "  ---\n" }
	for _, name in ipairs(record_fields(record)) do
		local value = record[name]
		out[#out + 1] = ("  %s: %s\n"):format(name, type(value) == "number" and tostring(value) or json(value))
	end
	if output and output ~= "" then
		out[#out + 1] = ("  printed: %s\n"):format(json(output))
	end
	out[#out + 1] = "  ...\n"
	return concat(out)
end

-- One line, without what TAP would read as a directive.
local function tap_name(text)
	return (clean(text):gsub("\n", " "):gsub("#", "\\#"))
end

function tap.item(run, item)
	run.number = run.number + 1
	local skip = reason(item) and " # SKIP " .. clean(reason(item)):gsub("\n.*", "") or ""
	write(run, item.verdict == "failed" and "not " or "", "ok ", run.number, " - ", tap_name(item.name), skip, "\n",
		item.verdict == "failed" and yaml(item.record, item.output) or "")
end

function tap.finish(run)
	each_left(run, tap.item)
	if run.interrupted then
		write(run, "Bail out! interrupted\n")
	end
	write(run, ("1..%d\n# %s, tcpstep %s\n"):format(run.number, run.machine.system, run.machine.version))
end

---------------------------------------------------------------- JUnit

local junit = {}
formats.junit = junit

function junit.begin() end

function junit.item() end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;",
	["\r"] = "&#13;" }

-- Text for XML 1.0: what it does not allow is left out.
local function xml(text)
	text = private.utf8(tostring(text)):gsub("[\0-\8\11\12\14-\31\127]", "")
		:gsub("\xef\xbf[\xbe\xbf]", "")
	for _, pattern in ipairs(ACTING) do
		text = text:gsub(pattern, "")
	end
	return (text:gsub("[&<>\"'\r]", ENTITIES))
end

-- As the value of an attribute, in which a parser takes a newline for a blank.
local function attribute(text)
	return (xml(text):gsub("\n", "&#10;"):gsub("\t", "&#9;"))
end

-- The file as the name of a class, as CI servers show and sort it: scenarios/close.lua is scenarios.close.
local function class_of(file)
	return (file:gsub("%.lua$", ""):gsub("^[./]+", ""):gsub("/+", "."))
end

local function testcase(item)
	local record = item.record or {}
	local out = { ('    <testcase classname="%s" name="%s" time="%.3f">\n'):format(attribute(class_of(item.file)),
		attribute(item.index and item.claim or item.file:match("[^/]*$")), item.seconds / math.max(item.runs, 1)) }
	if item.verdict == "failed" then
		out[#out + 1] = ('      <failure message="%s" type="%s">%s</failure>\n'):format(attribute(record.message),
			attribute(record.code or "lua"), xml(failure.text(record, 1)))
	elseif reason(item) then
		out[#out + 1] = ('      <skipped message="%s"/>\n'):format(attribute(reason(item)))
	end
	if item.output and item.output ~= "" then
		out[#out + 1] = ("      <system-out>%s</system-out>\n"):format(xml(item.output))
	end
	out[#out + 1] = "    </testcase>\n"
	return concat(out)
end

-- What Jenkins checks against its schema (junit-10.xsd), and others read too.
function junit.finish(run)
	local c, machine = run.counts, run.machine
	local counts = ('tests="%d" failures="%d" errors="0" time="%.3f"'):format(#run.all, c.failed, run.seconds)
	write(run, '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ', counts, ">\n",
		('  <testsuite name="tcpstep" %s skipped="%d" timestamp="%s" hostname="%s">\n'):format(counts,
			c.skipped + run.left, os.date("!%Y-%m-%dT%H:%M:%S", run.date), attribute(machine.name)), "    <properties>\n")
	for _, property in ipairs { { "tcpstep", machine.version }, { "system", machine.system },
		{ "shuffle", run.o.shuffle }, { "interrupted", run.interrupted } } do
		if property[2] then
			write(run, ('      <property name="%s" value="%s"/>\n'):format(property[1], attribute(property[2])))
		end
	end
	write(run, "    </properties>\n")
	for _, item in ipairs(run.all) do
		write(run, testcase(item))
	end
	write(run, "  </testsuite>\n</testsuites>\n")
end

---------------------------------------------------------------- JSON

local lines = {}
formats.json = lines

function lines.begin() end

-- {{"name", value}, ...}: an object, in this order; nil is left out.
local function object(fields)
	local out = {}
	for _, field in ipairs(fields) do
		local value = field[2]
		if value ~= nil then
			local text = type(value) == "string" and json(value) or type(value) == "table" and object(value)
				or type(value) == "number" and value ~= value and "null" or tostring(value)
			out[#out + 1] = json(field[1]) .. ":" .. text
		end
	end
	return "{" .. concat(out, ",") .. "}"
end

function lines.item(run, item)
	local record = nil
	if item.verdict == "failed" then
		record = {}
		for _, name in ipairs(record_fields(item.record)) do
			record[#record + 1] = { name, item.record[name] }
		end
	end
	write(run, object { { "event", "scenario" }, { "name", item.name }, { "file", item.file },
		{ "test", item.index and item.claim }, { "verdict", item.verdict },
		{ "seconds", tonumber(("%.4f"):format(item.seconds / math.max(item.runs, 1))) }, { "checks", item.checks },
		{ "runs", item.runs }, { "failures", item.failures },
		{ "reason", item.verdict == "skipped" and reason(item) or nil },
		{ "output", item.output ~= "" and item.output or nil }, { "failure", record } }, "\n")
end

function lines.finish(run)
	local c = run.counts
	each_left(run, lines.item)
	write(run, object { { "event", "summary" }, { "scenarios", #run.all }, { "ok", c.ok }, { "failed", c.failed },
		{ "skipped", c.skipped }, { "not_run", run.left }, { "seconds", tonumber(("%.4f"):format(run.seconds)) },
		{ "system", run.machine.system }, { "version", run.machine.version },
		{ "interrupted", run.interrupted or false } }, "\n")
end

return formats
