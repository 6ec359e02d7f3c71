-- runner.lua - `test`: runs scenarios, each in a process of its own, and says what they came to.
--
-- A scenario's process (scenario.lua, src/lua/scenario.c) tells how it ended over a way that its script
-- cannot reach. A verdict of ok also takes that the process ended by itself, in time, with status 0, and
-- that something was checked. At the prompt `test` starts `tcpstep test` once more and waits for it.

local error_meta, shell, private = ...
local runner = {}

local plan, judge = require "tcpstep.plan", require "tcpstep.verdict"
local words, formats = require "tcpstep.words", require "tcpstep.formats"
local test, help, quit = test, help, quit

local TIMEOUT, MEMORY = 30, 256 << 20
-- Beyond what is asked for, so that the limit of time is told first.
local CPU_MARGIN = 5

---------------------------------------------------------------- running

local function limits(o)
	local timeout = o.stop and -1 or o.timeout or TIMEOUT
	local cpu = o.stop and -1 or o.cpu or timeout
	return { timeout = timeout, memory = o.memory or MEMORY,
		cpu = cpu < 0 and 0 or math.ceil(cpu + (o.cpu and 0 or CPU_MARGIN)) }
end

local function start(run, pool, job)
	local o, item, limit = run.o, job.item, run.limit
	return pool:start {
		argv = { "--scenario", item.file, "nth=" .. (item.nth or ""),
			"claim=" .. (item.nth and item.claim or ""), "dir=" .. (o.output or "."),
			"name=" .. item.kept .. (job.round > 1 and "-run" .. job.round or ""),
			"columns=" .. run.columns, "verbose=" .. (o.verbose and "yes" or "no"),
			"stop=" .. (o.stop and "yes" or "no"),
			"sandbox=" .. (o.sandbox and "yes" or "no"),
			"timeout=" .. words.seconds(limit.timeout) .. " s", "cpu=" .. ("%d s"):format(limit.cpu),
			"memory=" .. limit.memory },
		scenario = true, terminal = o.stop, seconds = limit.timeout, cpu = limit.cpu, memory = limit.memory,
	}
end

-- The file has named its tests: they stand in its place, and run next.
local function expand(run, job, child)
	local items, seen = {}, {}
	for index, claim in ipairs(judge.names(child.tests)) do
		seen[claim] = (seen[claim] or 0) + 1
		local item = plan.item(job.item.file, index, claim, seen[claim])
		item.kept = plan.name_kept(run.items, job.item.kept .. "-" .. index)
		if plan.is_test_wanted(job.item, item, run.o.match) then
			items[#items + 1] = item
		end
	end
	if run.o.shuffle then
		plan.shuffle(items, run.o.shuffle)
	end
	job.item.items = items
	for i = #items, 1, -1 do
		table.insert(run.queue, 1, { item = items[i], round = job.round })
	end
end

local function count(run, item, verdict, record, child)
	item.runs = item.runs + 1
	item.seconds = item.seconds + child.seconds
	if verdict == "failed" then
		item.failures = item.failures + 1
	elseif verdict == "skipped" then
		item.skips = item.skips + 1
	end
	if record and (not item.record or verdict == "failed" and item.failures == 1) then
		item.record = record
	end
	if verdict == "failed" and item.failures == 1 or run.o.verbose and not item.output then
		item.output, item.lost = child.output, child.lost
	end
end

-- Of all its runs: one that failed is enough.
local function verdict_of(item)
	return item.failures > 0 and "failed" or item.skips > 0 and item.skips == item.runs and "skipped"
		or item.runs > 0 and "ok" or nil
end

local function ended(run, job, child)
	local item = job.item
	local verdict, record = judge.of(run, item, child)
	if child.tests and not item.index and (child.verdict or ""):match("^ok ") and child.status == 0 then
		expand(run, job, child)
		return
	end
	if item.wanted == "some" then
		-- No tests: it was looked at only for their names.
		item.items = {}
		return
	end
	-- It may have been another scenario that had its port: alone it shows.
	if verdict == "failed" and record.code == "EADDRINUSE" and run.o.jobs > 1 and not job.alone then
		run.alone[#run.alone + 1] = { item = item, round = job.round, alone = true }
		return
	end
	if verdict == "failed" then
		record.again, record.debug = words.again(run.o, item), words.debug(run.o, item)
	end
	count(run, item, verdict, record, child)
	run[verdict] = run[verdict] + 1
	if verdict == "failed" and (run.o.until_fail or run.o.stop) then
		run.stopped = true
	end
end

-- All scenarios, the tests of a file in its place.
local function each(items, f)
	for _, item in ipairs(items) do
		if item.items then
			each(item.items, f)
		elseif f(item) then
			return true
		end
	end
end

-- One more time all of them; false when they have run as often as asked.
local function new_round(run)
	if run.round >= run.rounds or run.stopped then
		return false
	end
	run.round = run.round + 1
	each(run.items, function(item)
		run.queue[#run.queue + 1] = { item = item, round = run.round }
	end)
	return #run.queue > 0
end

-- What to start next; nil when it has to wait for those that run, or nothing is left.
local function next_job(run, running, listing)
	if run.stopped or run.single then
		return nil
	elseif #run.queue > 0 then
		return table.remove(run.queue, 1)
	elseif #run.alone > 0 then
		run.single = running == 0
		return run.single and table.remove(run.alone, 1) or nil
	end
	return listing == 0 and new_round(run) and table.remove(run.queue, 1) or nil
end

local function tell(run)
	run.printed = run.printed or {}
	-- In the order of the plan, as far as it is known.
	local function known(items)
		for _, item in ipairs(items) do
			if item.items then
				if known(item.items) then
					return true
				end
			elseif not run.over and item.runs < run.rounds then
				return true
			elseif not run.printed[item] and item.runs > 0 then
				run.printed[item] = true
				item.verdict = verdict_of(item)
				run.format.item(run, item)
			end
		end
	end
	known(run.items)
end

local function progress(run, running)
	if run.progress then
		private.draw(("%d running, %d ok, %d failed%s"):format(running, run.ok, run.failed,
			run.skipped > 0 and (", %d skipped"):format(run.skipped) or ""))
	end
end

local function run_all(run)
	local o, jobs, running, listing = run.o, {}, 0, 0
	local pool <close> = private.pool()
	while true do
		while running < o.jobs do
			local job = next_job(run, running, listing)
			if not job then
				break
			end
			jobs[start(run, pool, job)] = job
			running = running + 1
			listing = listing + (job.item.runs == 0 and not job.item.index and 1 or 0)
			job.first = job.item.runs == 0 and not job.item.index
		end
		if running == 0 or run.stopped and not o.stop and o.until_fail then
			break
		end
		progress(run, running)
		local number, child = pool:next()
		if not number then
			run.interrupted = true
			break
		end
		local job = jobs[number]
		jobs[number], run.single = nil, false
		running = running - 1
		listing = listing - (job.first and 1 or 0)
		ended(run, job, child)
		tell(run)
	end
	run.over = true
	tell(run)
end

local function add_up(run)
	run.counts, run.left, run.all = { ok = 0, failed = 0, skipped = 0 }, 0, {}
	each(run.items, function(item)
		item.verdict = verdict_of(item)
		if item.verdict then
			run.counts[item.verdict] = run.counts[item.verdict] + 1
		elseif item.wanted == "some" then
			return -- which of its tests are wanted was not found out
		else
			item.verdict, run.left = "not run", run.left + 1
		end
		run.all[#run.all + 1] = item
	end)
end

local function status_of(run)
	if run.interrupted then
		return 130
	end
	local c = run.counts
	return c.failed > 0 and 1 or c.ok == 0 and c.skipped > 0 and 77 or 0
end

-- Of a report: it keeps off the edge of a terminal, but is never very wide.
local function columns()
	return math.max(60, math.min(80, shell.terminal().columns)) - 2
end

-- In a process that does nothing else. Returns the exit status.
local function run_here(o)
	local machine = private.machine()
	if o.stop and not machine.person then
		plan.usage("stop needs a terminal: it gives a prompt")
	end
	if o.stop and o.sandbox then
		plan.usage("in a sandbox there is no prompt: stop is for scripts that you trust")
	end
	local unlocked = o.sandbox and private.unlocked()
	if unlocked then
		io.stderr:write("note: ", unlocked)
	end
	if o.timeout == 0 or o.cpu == 0 then
		plan.usage("a limit of 0 s leaves no time; off takes the limit away")
	end
	o.jobs = o.stop and 1 or o.jobs or machine.cores
	o.format = o.format or shell.terminal().json and "json" or "human"
	local run = { o = o, queue = {}, alone = {}, round = 0, rounds = o["repeat"] or o.until_fail and math.huge or 1,
		format = formats[o.format], columns = columns(), ok = 0, failed = 0, skipped = 0, machine = machine,
		items = plan.make(o), limit = limits(o),
		progress = machine.erase and o.format == "human" and not o.stop }
	if o.output then
		local made, why = shell.mkdir(o.output)
		if not made then
			plan.usage(why)
		end
	end
	private.adopt()
	run.began, run.date = private.time(), os.time()
	run.format.begin(run)
	run_all(run)
	run.seconds = private.time() - run.began
	add_up(run)
	if run.progress then
		private.draw("")
	end
	if #run.all == 0 and o.match and not run.interrupted then
		plan.usage_match(o)
	end
	run.format.finish(run)
	return status_of(run)
end

---------------------------------------------------------------- how it is asked for

local here -- this process is the runner

local function run_there(args)
	local pool <close> = private.pool()
	if shell.terminal().json and not args.format then
		args.format = "json"
	end
	io.stdout:flush()
	-- What a scenario's process prints is kept from the terminal, and here nobody asks for it.
	pool:start { argv = words.of(args), scenario = shell.quiet() }
	local _, child = pool:next()
	local status = type(child) == "table" and child.status or 130
	if status ~= 0 and status ~= 77 then
		error(setmetatable({ code = status == 130 and "interrupted" or "check", op = "test",
			message = status == 1 and "test: not all scenarios are ok" or status == 130 and "test: interrupted"
				or "test: the scenarios were not run", hint = "", where = "" }, error_meta), 0)
	end
end

-- The command.
function runner.test(args)
	if here then
		here.status = run_here(args)
	else
		run_there(args)
	end
end

-- `tcpstep test WORDS`: this process is the runner. Ends it with the exit status.
function runner.main(...)
	here = { status = 0 }
	local done, why = pcall(function(...)
		local args = words.read { ... }
		if args then
			test(table.unpack(args))
		else
			print(words.help(help("test")))
		end
	end, ...)
	if not done then
		if type(why) ~= "table" or why.code ~= "usage" then
			error(why, 0)
		end
		local hint = why.hint:find("^usage: test ") and "tcpstep test --help lists the options." or why.hint
		io.stderr:write("error: ", tostring(why.message), "\n", hint ~= "" and "       " .. hint .. "\n" or "")
		quit(2)
	end
	quit(here.status)
end

return runner
