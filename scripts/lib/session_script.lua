-- session_script.lua - a session typed by hand as a script that runs, or as a scenario that passes.
--
-- The record of the session (src/lua/record.c) has each line as it was understood, what it gave, and
-- what came of it. A socket or task gets a variable of its name, and a port that the kernel chose is
-- asked of its socket. What a person has seen before typing on (the states of a lab's sockets, the
-- segments that a held wire has got) is awaited, so that the script does all in the same order.

local _, shell = ...
local writer, command = require("tcpstep.session_writer"), require("tcpstep.session_command")
local put, bind, refer, ports, quote = writer.put, writer.bind, writer.refer, writer.ports, writer.quote
local fields, checked = command.fields, command.checked
local M = {}
local concat = table.concat

---------------------------------------------------------------- Lua lines

local function is_statement(text)
	return load(text, "=line", "t") ~= nil
end

-- Has it changed nothing? Among lines of Lua c1, l1.port, 1 + 1 are such looks.
function M.is_look(step)
	return step.looks or not step.command and not is_statement(step.text) and not step.text:find("[({\"']")
end

-- Has a task failed that this line has spawned? That was told, and the session went on.
local function has_failing(w, step)
	for _, name in ipairs(step.spawned or {}) do
		if (w.record.tasks[name] or {}).gave == "error" then
			return true
		end
	end
	return false
end

-- At the prompt each line is a chunk of its own: its locals end with it, and return ends only it.
local function put_lua(w, step)
	local text = ports(w, step.text):gsub("%s+$", "")
	local failing = has_failing(w, step)
	if M.is_look(step) then
		return false
	end
	if failing then
		put(w, "do local spawn = function(...) return spawn(pcall, ...) end\n" .. text .. "\nend")
	elseif step.task then
		w.var[step.task] = step.task
		put(w, ("%s = spawn(function() %s%s\nend)"):format(step.task, is_statement(text) and "" or "return ", text))
	elseif not is_statement(text) then
		put(w, "do local _ = " .. text .. "\nend")
	elseif text:find("%f[%w_]return%f[^%w_]") then
		put(w, "do local function line()\n" .. text .. "\nend line() end")
	elseif text:find("%f[%w_]local%f[^%w_]") or text:find("::", 1, true) then
		put(w, "do\n" .. text .. "\nend")
	else
		put(w, (text:find("^%s*%(") and ";" or "") .. text)
	end
	return true
end

---------------------------------------------------------------- what came of it

-- Tasks that ended while this step was the last one.
local function put_tasks(w, step, from, to)
	local names = {}
	for name, task in pairs(w.record.tasks) do
		if w.var[name] and task.at >= from and task.at <= to then
			names[#names + 1] = name
		end
	end
	table.sort(names, function(a, b) return tonumber(a:sub(2)) < tonumber(b:sub(2)) end)
	for _, name in ipairs(names) do
		local task, var = w.record.tasks[name], w.var[name]
		if step.command == "wait" and step.words[1] and refer(w, step.words[1].lua) == var then
			goto next
		end
		w.waited[var] = true
		if task.gave == "socket" then
			put(w, ("%s = wait(%s)"):format(bind(w, task.value, w.result[name]), var))
			w.state[task.value] = "ESTABLISHED"
		elseif task.gave == "error" then
			put(w, w.expect and ("check.fails(%s, wait, %s)"):format(quote(task.code), var)
				or ("try(wait, %s)"):format(var))
		else
			put(w, task.gave == "nothing" and ("wait(%s)"):format(var)
				or checked(w, task, ("wait(%s)"):format(var)))
		end
		::next::
	end
end

local settled = { LISTEN = true, ESTABLISHED = true }

local function wants_check(w, step, s, late)
	if s.state == "CLOSED" and (not s.open or late) then
		return false
	elseif s.made then
		return not step.task and not settled[s.state]
	end
	return w.state[s.name] ~= s.state
end

-- Is the next command a recv from one of these? It waits for what they tell.
local function is_awaited(w, states, after)
	if not after or after.command ~= "recv" or after.task or (w.expect and after.gave == "number") then
		return false
	end
	for _, s in ipairs(states) do
		if s.name == after.socket then
			return true
		end
	end
	return false
end

local function put_states(w, step, changes, after)
	local states, at, lab = {}, {}, false
	for _, s in ipairs(changes) do
		if wants_check(w, step, s, s.late) then
			at[s.name] = at[s.name] or #states + 1
			states[at[s.name]] = s
			lab = lab or s.host ~= "here"
		end
	end
	if #states == 0 or not (w.expect or lab) or is_awaited(w, states, after) then
		return
	end
	w.awaits = w.awaits or lab
	local parts = {}
	for i, s in ipairs(states) do
		w.state[s.name] = s.state
		parts[i] = ('[%s] = "%s"'):format(refer(w, s.name), s.state)
	end
	if #states == 1 then
		put(w, ('check.state(%s, "%s")'):format(refer(w, states[1].name), states[1].state))
	else
		put(w, "check.states{" .. concat(parts, ", ") .. "}")
	end
end

local moves = { step = true, drop = true, dup = true, delay = true }

-- Segments that came onto the held wire, unless the next command moves them, or time has made them.
local function put_held(w, held, gone, after)
	local moved = after and moves[after.command] and (after.delivered or after.dropped or { after.segment })[1]
	local awaited = moved and fields(w, moved)
	for _, seg in ipairs(held) do
		local want = not seg.copy and not seg.again and not gone[seg.number] and fields(w, seg)
		if want and want ~= awaited then
			put(w, "check.held" .. want)
			w.awaits = true
		end
	end
end

local function append(to, from)
	for _, v in ipairs(from or {}) do
		to[#to + 1] = v
	end
end

-- What came of the step, and of what was only looked at behind it, up to the next one.
local function put_effects(w, i, j)
	local step, after = w.record[i], w.record[j]
	local changes, held, gone = {}, {}, {}
	for k = i, j - 1 do
		local s = w.record[k]
		append(changes, (k == i or s.looks) and s.changed or nil)
		for _, change in ipairs(s.later or {}) do
			change.late = true
			changes[#changes + 1] = change
		end
		append(held, s.held)
		for _, list in ipairs { s.delivered or {}, s.dropped or {} } do
			for _, seg in ipairs(list) do
				gone[seg.number] = true
			end
		end
	end
	put_tasks(w, step, i, j - 1)
	put_states(w, step, changes, after)
	put_held(w, held, gone, after)
end

---------------------------------------------------------------- the script

local numbers = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
	"eleven", "twelve" }

-- Sockets that a step has made, and the ports that the kernel chose for them.
local function learn(w, step)
	for _, list in ipairs { step.changed or {}, step.later or {} } do
		for _, s in ipairs(list) do
			if s.made then
				w.socket[s.name], w.state[s.name] = s, nil
				if not step.text:find("%f[%d]" .. s.port .. "%f[%D]") and s.kind ~= "s" and s.port > 0 then
					w.port[s.port] = refer(w, s.name) .. ".port"
				end
			end
		end
	end
end

local function is_kept(w, step)
	if command.has_taken(step) then
		return true
	elseif step.ended ~= "ok" or step.looks then
		-- state c1 is an observation.
		return w.expect and step.ended == "ok" and step.command == "state" and step.socket
			and type(step.value) == "string" and not step.name
	end
	return true
end

local function put_step(w, step)
	if step.looks then
		if w.state[step.socket] ~= step.value then
			w.state[step.socket] = step.value
			put(w, ('check.state(%s, "%s")'):format(refer(w, step.socket), step.value))
		end
	elseif (step.command and command.put or put_lua)(w, step) then
		w.commands = w.commands + 1
	end
	learn(w, step)
end

-- clock=slow: the least time after which a kernel sends data again.
local SLOW = 60

-- How long the step took, with the retransmission that it moved.
local function seconds_of(step)
	for _, list in ipairs { step.delivered or {}, step.dropped or {} } do
		for _, seg in ipairs(list) do
			if seg.again and step.slow then
				return math.max(step.seconds, SLOW)
			end
		end
	end
	return step.seconds
end

local function put_steps(w)
	local kept, longest = {}, 0
	for i, step in ipairs(w.record) do
		if is_kept(w, step) then
			kept[#kept + 1] = i
			longest = math.max(longest, seconds_of(step))
		end
	end
	w.limit = math.max(w.limit, math.ceil(longest * 2))
	if longest > 5 then
		put(w, ('set("timeout", "%ds")'):format(w.limit))
	end
	for n, i in ipairs(kept) do
		put_step(w, w.record[i])
		put_effects(w, i, kept[n + 1] or #w.record + 1)
	end
end

-- A scenario checks something: if nothing else, what its sockets came to.
local function put_last(w)
	for _, line in ipairs(w.out) do
		if line:find("^check") then
			return
		end
	end
	local names, parts = {}, {}
	for name in pairs(w.record.now or {}) do
		names[#names + 1] = w.var[name] and name or nil
	end
	table.sort(names)
	for i, name in ipairs(names) do
		parts[i] = ('[%s] = "%s"'):format(refer(w, name), w.record.now[name])
	end
	put(w, #parts > 0 and "check.states{" .. concat(parts, ", ") .. "}"
		or "check(true) -- nothing was seen that could be checked")
end

local function count_failed(w)
	local n = 0
	for _, step in ipairs(w.record) do
		n = n + (step.ended ~= "ok" and step.ended and not step.looks and not is_kept(w, step) and 1 or 0)
	end
	return n
end

-- The usual limit of a test is 30 s, and a machine may be half as fast.
local LONG = 15

---The script, as text, how many commands are in it, and the seconds that it may need as a test, where
---these are many.
---@param record table of src/lua/record.c
---@param expect boolean
function M.write(record, expect)
	local w = writer.new(record, expect)
	local failed = count_failed(w)
	put(w, "#!/usr/bin/env tcpstep")
	put(w, ("-- saved by tcpstep %s%s"):format(shell.version(), failed == 0 and ""
		or failed == 1 and "; one failed command left out"
		or ("; %s failed commands left out"):format(numbers[failed] or failed)))
	if record.late then
		put(w, "-- What a script has made in that session is not made here.")
	end
	if record.full then
		put(w, "-- The session was longer than what is kept of it: this is its beginning.")
	end
	local seconds = 0
	for _, step in ipairs(record) do
		seconds = seconds + (is_kept(w, step) and seconds_of(step) or 0)
	end
	local limit = expect and seconds > LONG and math.ceil(seconds * 2) or nil
	if limit then
		put(w, ("-- It may take longer than a test usually may: tcpstep test --timeout %d FILE"):format(limit))
	end
	local head_lines = #w.out
	put_steps(w)
	if expect then
		put_last(w)
	end
	if w.awaits then
		table.insert(w.out, head_lines + 1, "check.limit = " .. w.limit)
	end
	return concat(w.out, "\n") .. "\n", w.commands, limit
end

return M
