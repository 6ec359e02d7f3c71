-- runner.lua - `test`: runs scenarios, each in a process of its own, and says what they came to.
--
-- A scenario's process (scenario.lua, src/lua/scenario.c) tells how it ended over a way that its script
-- cannot reach. A verdict of ok also takes that the process ended by itself, in time, with status 0, and
-- that something was checked. At the prompt `test` starts `tcpstep test` once more and waits for it.

local error_meta, shell, private = ...
local runner = {}

local formats = require "formats"
local test, help, quit = test, help, quit

local OPTIONS = { "jobs", "match", "shuffle", "repeat", "until_fail", "stop", "verbose", "format", "output",
	"timeout", "memory", "cpu" }
local KNOWN = {}
for _, name in ipairs(OPTIONS) do
	KNOWN[name] = true
end
local FLAGS = { until_fail = true, stop = true, verbose = true }
local SHORT = { j = "jobs", k = "match", v = "verbose" }
local TIMEOUT, MEMORY = 30, 256 << 20
-- Beyond what is asked for, so that the limit of time is told first.
local CPU_MARGIN = 5

local function usage(text, hint)
	error(setmetatable({ code = "usage", op = "test", message = "test: " .. text, hint = hint or "",
		where = "" }, error_meta), 0)
end

---------------------------------------------------------------- the files

local function below(path, name)
	return path == "." and name or path:gsub("/$", "") .. "/" .. name
end

-- The names in a folder; nil when it is none. "./" keeps apart what is inside the program.
local function names_in(path)
	return shell.list(path:sub(1, 1) == "/" and path or "./" .. path)
end

local function add_folder(path, names, out, depth)
	table.sort(names)
	for _, name in ipairs(names) do
		local inner = below(path, name)
		local deeper = not name:match("^[._]") and depth < 20 and names_in(inner)
		if deeper then
			add_folder(inner, deeper, out, depth + 1)
		elseif name:match("^[^._].*%.lua$") then
			out[#out + 1] = inner
		end
	end
end

local function files_of(paths)
	local out = {}
	if not paths and not names_in("scenarios") then
		usage("which scenarios? There is no folder named scenarios here", "usage: test FOLDER or FILE ...")
	end
	for _, path in ipairs(paths or { "scenarios" }) do
		local names = names_in(path)
		local before = #out
		if names then
			add_folder(path, names, out, 0)
			if #out == before then
				usage(("no file in %s is a scenario"):format(path),
					"A scenario is a *.lua file whose name begins neither with _ nor with a dot.")
			end
		else
			local file, why = io.open(path)
			if not file then
				usage(why)
			end
			file:close()
			out[#out + 1] = path
		end
	end
	return out
end

---------------------------------------------------------------- the plan

local function source_of(path)
	local file = io.open(path)
	local text = file and file:read("a") or ""
	if file then
		file:close()
	end
	return text
end

-- The first line, when it is a comment: what the scenario claims.
local function claim_of(source)
	return source:match("^#![^\n]*\n%-%- ?([^\n]*)") or source:match("^%-%- ?([^\n]*)")
end

local function contains(text, part)
	return text ~= nil and text:find(part, 1, true) ~= nil
end

-- Is it wanted: "yes"; or "some", when only the claims of its tests can tell.
local function is_wanted(item, match)
	if not match or contains(item.file, match) or contains(item.claim, match) then
		return "yes"
	end
	local source = source_of(item.file)
	return contains(source, match) and source:find("%f[%w_]test%f[^%w_]") and "some"
end

-- An item is one scenario: {name =, file =, index =, kept =, claim =, runs = 0, failures = 0, seconds = 0}.
local function new_item(file, index, claim)
	return { file = file, index = index, claim = claim, name = index and file .. ": " .. claim or file,
		runs = 0, failures = 0, skips = 0, seconds = 0, checks = 0 }
end

-- What the capture of a failure is named after: the file, with its folders where that is not enough.
local function name_kept(items)
	local count = {}
	for _, item in ipairs(items) do
		item.kept = item.file:match("([^/]*)$"):gsub("%.lua$", "")
		count[item.kept] = (count[item.kept] or 0) + 1
	end
	for _, item in ipairs(items) do
		if count[item.kept] > 1 then
			item.kept = item.file:gsub("%.lua$", ""):gsub("^[./]+", ""):gsub("/", "-")
		end
	end
end

local function shuffle(items, seed)
	math.randomseed(seed, 0)
	for i = #items, 2, -1 do
		local k = math.random(i)
		items[i], items[k] = items[k], items[i]
	end
end

local function plan(o)
	local items, seen = {}, {}
	for _, file in ipairs(files_of(o.path)) do
		local item = new_item(file)
		item.claim = claim_of(source_of(file))
		item.wanted = not seen[file] and is_wanted(item, o.match)
		seen[file] = true
		if item.wanted then
			items[#items + 1] = item
		end
	end
	if #items == 0 then
		usage(('no scenario\'s name contains "%s"'):format(o.match))
	end
	name_kept(items)
	if o.shuffle then
		shuffle(items, o.shuffle)
	end
	return items
end

---------------------------------------------------------------- the verdict

local function unpack_all(text, format)
	local out, at = {}, 1
	while text and at <= #text do
		out[#out + 1], at = string.unpack(format, text, at)
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

-- Why a process that has said nothing of a failure has failed all the same; nil when it has not.
local function broken(o, child, said, checks)
	if child.timed_out then
		return ("it is not done within %g s: it is in a C function or a finalizer, or stopped"):format(o.timeout)
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

-- "ok", "failed" or "skipped", and the record of what went wrong.
local function judge(o, item, child)
	local said, checks = (child.verdict or ""):match("^(%a+) (%d+)$")
	checks = tonumber(checks) or 0
	item.checks = checks
	if said == "skipped" and child.status and not child.timed_out then
		return "skipped", unpack_record(child.failure)
	end
	local record = unpack_record(child.failure)
	if said == "failed" and record.message then
		return "failed", record
	end
	local why, hint = broken(o, child, said, checks)
	if not why then
		return "ok"
	end
	local file, line = (child.place or ""):match("^(.*):(%d+)$")
	return "failed", { code = "broken", file = file or item.file, line = tonumber(line) or 1, message = why,
		hint = hint }
end

---------------------------------------------------------------- running

local function limits(o)
	local timeout = o.stop and -1 or o.timeout
	local cpu = o.stop and -1 or o.cpu or timeout
	return timeout, cpu < 0 and 0 or math.ceil(cpu + (o.cpu and 0 or CPU_MARGIN))
end

local function start(o, pool, job)
	local item = job.item
	local timeout, cpu = limits(o)
	return pool:start {
		argv = { "--scenario", item.file, "index=" .. (item.index or ""), "dir=" .. (o.output or "."),
			"name=" .. item.kept .. (job.round > 1 and "-run" .. job.round or ""),
			"verbose=" .. (o.verbose and "yes" or "no"), "stop=" .. (o.stop and "yes" or "no"),
			"timeout=" .. ("%g s"):format(timeout), "cpu=" .. ("%d s"):format(cpu), "memory=" .. o.memory },
		scenario = true, terminal = o.stop, seconds = timeout, cpu = cpu, memory = o.memory,
	}
end

-- The file has named its tests: they stand in its place, and run next.
local function expand(run, job, child)
	local items = {}
	for index, claim in ipairs(unpack_all(child.tests, "s4")) do
		local item = new_item(job.item.file, index, claim)
		item.kept = job.item.kept .. "-" .. index
		if job.item.wanted == "yes" or contains(claim, run.o.match) then
			items[#items + 1] = item
		end
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
	local verdict, record = judge(run.o, item, child)
	item.unknown = nil
	if child.tests and not item.index and (child.verdict or ""):match("^ok ") and child.status == 0 then
		expand(run, job, child)
		return
	end
	if item.wanted == "some" then
		-- No tests: it was looked at only for their names.
		item.items = {}
		return
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
		while running < o.jobs and not run.stopped and (#run.queue > 0 or listing == 0 and new_round(run)) do
			local job = table.remove(run.queue, 1)
			jobs[start(o, pool, job)] = job
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
		jobs[number] = nil
		running = running - 1
		listing = listing - (job.first and 1 or 0)
		ended(run, job, child)
		tell(run)
	end
	run.over = true
	tell(run)
end

local function add_up(run)
	run.counts = { ok = 0, failed = 0, skipped = 0 }
	run.total = 0
	run.all = {}
	each(run.items, function(item)
		local verdict = verdict_of(item)
		if verdict then
			run.total = run.total + 1
			run.counts[verdict] = run.counts[verdict] + 1
			run.all[#run.all + 1] = item
		end
	end)
end

local function status_of(run)
	if run.interrupted then
		return 130
	end
	local c = run.counts
	return c.failed > 0 and 1 or c.ok == 0 and c.skipped > 0 and 77 or 0
end

-- In a process that does nothing else. Returns the exit status.
local function run_here(o)
	local machine = private.machine()
	if o.stop and not machine.person then
		usage("stop needs a terminal: it gives a prompt")
	end
	o.jobs = o.stop and 1 or o.jobs or machine.cores
	o.timeout, o.memory = o.timeout or TIMEOUT, o.memory or MEMORY
	o.format = o.format or shell.terminal().json and "json" or "human"
	local run = { o = o, queue = {}, round = 0, rounds = o["repeat"] or o.until_fail and math.huge or 1,
		format = formats[o.format], ok = 0, failed = 0, skipped = 0, machine = machine, items = plan(o),
		progress = machine.erase and o.format == "human" and not o.stop }
	if o.output then
		local made, why = shell.mkdir(o.output)
		if not made then
			usage(why)
		end
	end
	private.adopt()
	run.began = private.time()
	run.format.begin(run)
	run_all(run)
	run.seconds = private.time() - run.began
	add_up(run)
	if run.progress then
		private.draw("")
	end
	run.format.finish(run)
	return status_of(run)
end

---------------------------------------------------------------- how it is asked for

local here -- this process is the runner

-- The words that ask another process for the same.
local function words_of(args)
	local words = { "test" }
	for _, name in ipairs(OPTIONS) do
		local value = args[name]
		local long = "--" .. name:gsub("_", "-")
		if FLAGS[name] then
			words[#words + 1] = value and long or nil
		elseif value ~= nil then
			if (name == "timeout" or name == "cpu") and value < 0 then
				value = "off"
			end
			words[#words + 1] = long .. "=" .. tostring(value)
		end
	end
	words[#words + 1] = "--"
	for _, path in ipairs(args.path or {}) do
		words[#words + 1] = path
	end
	return words
end

local function run_there(args)
	local pool <close> = private.pool()
	if shell.terminal().json and not args.format then
		args.format = "json"
	end
	io.stdout:flush()
	pool:start { argv = words_of(args) }
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

-- "--until-fail", "--jobs=4", "--jobs 4", "-j4", "-j 4": the name, its value, and how many words they took.
local function option_of(words, i)
	local word = words[i]
	local name, value = word:match("^%-%-([%w-]+)=(.*)$")
	local short, rest = word:match("^%-(%a)(.*)$")
	name = name or word:match("^%-%-([%w-]+)$") or short and SHORT[short]
	name = name and name:gsub("-", "_")
	if not KNOWN[name] then
		usage("unknown option " .. word, "tcpstep test --help lists them.")
	end
	if short and FLAGS[name] and rest ~= "" then
		words[i] = "-" .. rest
		return name, "yes", 0
	elseif FLAGS[name] then
		return name, value or "yes", 1
	elseif value or short and rest ~= "" then
		return name, value or rest, 1
	elseif not words[i + 1] then
		usage("a value is missing after " .. word, "tcpstep test --help lists the options.")
	end
	return name, words[i + 1], 2
end

local function arguments(words)
	local args, i = {}, 1
	local options = {}
	while words[i] do
		if words[i] == "--" then
			table.move(words, i + 1, #words, #args + 1, args)
			break
		elseif words[i] == "--help" or words[i] == "-h" then
			return nil
		elseif words[i]:match("^%-.") then
			local name, value, n = option_of(words, i)
			options[name] = value
			i = i + n
		else
			args[#args + 1] = words[i]
			i = i + 1
		end
	end
	args[#args + 1] = options
	return args
end

-- `tcpstep test WORDS`: this process is the runner. Ends it with the exit status.
function runner.main(...)
	here = { status = 0 }
	local done, why = pcall(function(...)
		local args = arguments { ... }
		if args then
			test(table.unpack(args))
		else
			print(help("test"))
		end
	end, ...)
	if not done then
		if type(why) ~= "table" or why.code ~= "usage" then
			error(why, 0)
		end
		io.stderr:write("error: ", tostring(why.message), "\n", why.hint ~= "" and "       " .. why.hint .. "\n" or "")
		quit(2)
	end
	quit(here.status)
end

return runner
