-- verdict.lua - what a scenario's process has come to, seen from outside.
--
-- Ok takes that the process said so over its own way, ended by itself, in time and with status 0, and
-- that something was checked.

local _, shell = ...
local failure, words = require "tcpstep.failure", require "tcpstep.words"
local verdict = {}

-- The names of tests, as a file has told them.
function verdict.names(text)
	local out, at = {}, 1
	while text and at <= #text do
		out[#out + 1], at = string.unpack("s4", text, at)
	end
	return out
end

local function unpack_record(text)
	local record, at = {}, 1
	while text and at <= #text do
		local key, kind, value
		key, kind, value, at = string.unpack("s4zs4", text, at)
		record[key] = kind == "integer" and math.tointeger(value) or kind == "float" and tonumber(value) or value
	end
	return record
end

-- The lines around. A script names its chunks as it likes, and a stranger's must not have us read others' files.
local function source(run, item, file, line)
	if not run.o.sandbox or file == item.file and shell.within(file:match("^(.*)/[^/]*$") or ".", file) then
		return failure.source(file, line)
	end
end

-- Why a process that has said nothing of a failure has failed all the same; nil when it has not.
local function broken(run, child, said, checks)
	if child.timed_out then
		return ("it is not done within %s s: it is in a C function or a finalizer, or stopped"):format(
			words.seconds(run.limit.timeout))
	elseif child.signal == "SIGXCPU" then
		return "it has used its time of the CPU"
	elseif child.signal then
		return ("its process was ended by %s"):format(child.signal),
			child.signal == "SIGABRT" and "Memory may have been used up: memory=512M gives more." or nil
	elseif not said then
		return ("its process ended with status %d before the scenario did"):format(child.status),
			"A scenario ends where its file ends; os.exit and quit have no place in it."
	elseif said == "failed" then
		return "it failed, and the reason got lost"
	elseif child.status ~= 0 then
		return ("its process ended with status %d, after the scenario had ended well"):format(child.status)
	elseif checks == 0 then
		return "it checked nothing", "Whatever happens would pass. One that only shows something says check(true)."
	end
end

-- What was known of a failure when its process was ended, because the rest took too long.
local function begun(child)
	local record = unpack_record(child.record)
	record.hint = "The rest of its report took more than 5 s, and is lost."
	return record.message and record
end

-- "ok", "failed" or "skipped", and the record of what went wrong.
function verdict.of(run, item, child)
	local said, checks = (child.verdict or ""):match("^(%a+) (%d+)$")
	checks = tonumber(checks) or 0
	item.checks = checks
	if said == "skipped" and child.status and not child.timed_out then
		return "skipped", unpack_record(child.failure)
	end
	local record = child.timed_out and not said and begun(child) or unpack_record(child.failure)
	if record.message and (said == "failed" or not said) then
		-- One that has used up its descriptors cannot read its own file.
		record.source = record.source or source(run, item, record.file, record.line)
		return "failed", record
	end
	local why, hint = broken(run, child, said, checks)
	if not why then
		return "ok"
	end
	local file, line = (child.place or ""):match("^(.*):(%d+)$")
	file, line = file or item.file, tonumber(line) or 1
	return "failed", { code = "broken", file = file, line = line, message = why, hint = hint,
		source = source(run, item, file, line) }
end

return verdict
