-- typist.lua - a job that types lines at the prompt and looks at what came of them.
--
-- A line at the prompt runs by itself and ends before the next begins, so a Lua function cannot call
-- it. A job is a coroutine: type() enters the lines, and behind them a hidden one that resumes it. Jobs
-- may stand on each other: what a typed line enters runs before the rest of what was entered.

local coroutine, error, ipairs, table = coroutine, error, ipairs, table
local _, shell = ...
local typist = {}

local jobs = {}

-- A command, for no variable of the learner's stands in front of one. The blank keeps it out of the history.
local WAKE = " tutorial --wake"

-- Lets the job on top go on.
function typist.wake()
	local job = jobs[#jobs]
	if not job then
		return
	end
	local ok, err = coroutine.resume(job)
	if coroutine.status(job) == "dead" then
		for i = #jobs, 1, -1 do
			if jobs[i] == job then table.remove(jobs, i) end
		end
		if not ok then
			error(err, 0)
		end
	end
end

---Begins a job, from within a command.
---@param job function
function typist.start(job)
	jobs[#jobs + 1] = coroutine.create(job)
	typist.wake()
end

---From within a job: runs the lines, shown as if typed, then goes on. Lines that fail do not end it.
---@param lines string[]
function typist.type(lines)
	for _, line in ipairs(lines) do
		shell.enter(line)
	end
	shell.enter(WAKE, true)
	coroutine.yield()
end

---After Ctrl-C, which has dropped what was entered: all jobs end. How many there were.
function typist.stop()
	local n = #jobs
	jobs = {}
	return n
end

return typist
