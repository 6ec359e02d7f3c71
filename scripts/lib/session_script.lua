-- session_script.lua - a session typed by hand as a script that runs, or as a scenario that passes.
--
-- The record of the session (src/lua/record.c) has each line as it was understood, what it gave, and
-- what came of it. A script runs faster than a person types, and meets other ports and timers. So:
--   a socket or task gets a variable of its name; a port that the kernel chose is asked of its socket;
--   a segment of a held wire is named by what is in it, and awaited: retransmissions do not matter;
--   what a person has seen before typing on (states in a lab, held segments) is awaited as well;
--   a recv that has got what several sends brought asks for exactly so many bytes.

local _, shell = ...
local M = {}
local concat = table.concat

---------------------------------------------------------------- text

-- UTF-8 that cannot act on a terminal.
local function is_plain_utf8(s)
	if not utf8.len(s) then
		return false
	end
	for _, c in utf8.codes(s) do
		if c >= 0x80 and c < 0xa0 or c >= 0x200e and c <= 0x200f or c >= 0x202a and c <= 0x202e
			or c >= 0x2066 and c <= 0x2069 then
			return false
		end
	end
	return true
end

local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }

local function quote(s)
	return '"' .. s:gsub(is_plain_utf8(s) and '[%c\\"\x7f]' or '[%c\\"\x7f-\xff]', function(c)
		return short[c] or ("\\x%02x"):format(c:byte())
	end) .. '"'
end

local numbers = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
	"eleven", "twelve" }

---------------------------------------------------------------- names

-- What is written: lines out, and what is known at the line that is being written.
local function writer(record, expect)
	local bare, w = {}, nil
	w = {
		record = record,
		expect = expect,
		out = {},
		commands = 0,
		var = {}, -- of a socket, by its name; of a task, by its
		port = {}, -- what gives a port that the kernel chose
		socket = {}, -- those made so far, by name, as the record has them
		sent = {}, -- what one send has sent
		state = {}, -- last checked
		common = {}, -- l1, c1 that are sockets of several hosts
	}
	for _, step in ipairs(record) do
		for _, s in ipairs(step.changed or {}) do
			local name = s.name:match("[^.]+$")
			w.common[name] = bare[name] and bare[name] ~= s.name or w.common[name]
			bare[name] = bare[name] or s.name
		end
	end
	return w
end

local function put(w, line)
	w.out[#w.out + 1] = line
end

-- The variable for a socket of that name, given one from now on.
local function bind(w, name, var)
	local bare = name:match("[^.]+$")
	w.var[name] = var or w.common[bare] and name:gsub("%.", "_") or bare
	return w.var[name]
end

-- How a typed c1, client.c1 or t1 is written.
local function refer(w, name)
	if w.var[name] then
		return w.var[name]
	end
	for full, var in pairs(w.var) do
		if full:match("[^.]+$") == name and not w.common[name] then
			return var
		end
	end
	return name
end

-- Ports that the kernel chose become questions, in strings and outside.
local function ports(w, code)
	return (code:gsub("()%f[%w](%d+)%f[^%w]()", function(at, digits, after)
		local by = w.port[tonumber(digits)]
		local before = code:sub(1, at - 1):gsub("\\.", "")
		local _, quotes = before:gsub('"', "")
		if not by or before:find("[%w_.]$") and quotes % 2 == 0 then
			return nil
		elseif quotes % 2 == 0 then
			return by
		end
		return '" .. ' .. by .. (code:sub(after, after) == '"' and ' .. "' or ' .. "')
	end):gsub(' %.%. ""', ""))
end

---------------------------------------------------------------- commands

-- The words of a command: what stands by place, and options in order.
local function arguments(w, step)
	local plain, options = {}, {}
	for _, word in ipairs(step.words) do
		local lua = word.lua
		if lua:find("^[%a_]") and lua ~= "true" and lua ~= "false" and not lua:find("^function") then
			lua = refer(w, lua)
		end
		if word.option then
			options[#options + 1] = word.option .. " = " .. lua
			options[word.option] = lua
		else
			plain[#plain + 1] = lua
		end
	end
	return plain, options
end

local function set_option(options, name, lua)
	if not options[name] then
		options[#options + 1] = name .. " = " .. lua
		options[name] = lua
	end
end

local function head(w, step)
	return step.object and refer(w, step.object) .. ":" .. step.command or step.head
end

local function call(w, step, plain, options)
	if #options > 0 then
		plain = { table.unpack(plain) }
		plain[#plain + 1] = "{" .. concat(options, ", ") .. "}"
	end
	return head(w, step) .. "(" .. concat(plain, ", ") .. ")"
end

-- Does the first word stand for the socket?
local function names_socket(step, plain)
	return not step.object and plain[1] and plain[1]:find("^[%a_]") ~= nil
end

local function find_socket(w, host, port)
	for name, s in pairs(w.socket) do
		if s.host == host and s.port == port then
			return name
		end
	end
end

-- Do segments of two connections look alike?
local function is_ambiguous(w, seg)
	for _, step in ipairs(w.record) do
		for _, list in ipairs { step.held or {}, step.delivered or {} } do
			for _, s in ipairs(list) do
				if s.from == seg.from and s.flags == seg.flags and s.seq == seg.seq and s.len == seg.len
					and (s.from_address ~= seg.from_address or s.to_address ~= seg.to_address) then
					return true
				end
			end
		end
	end
	return false
end

-- {from = "client", flags = "SYN", seq = 0}
local function fields(w, seg)
	local out = { ('from = "%s"'):format(seg.from), ('flags = "%s"'):format(seg.flags), "seq = " .. seg.seq }
	if seg.len > 0 then
		out[#out + 1] = "len = " .. seg.len
	elseif seg.flags:find("ACK") then
		out[#out + 1] = "ack = " .. seg.ack
	end
	for _, side in ipairs(is_ambiguous(w, seg) and { "from_address", "to_address" } or {}) do
		local port = tonumber(seg[side]:match("%d+$"))
		local host = side == "from_address" and seg.from or seg.to
		local name = w.port[port] and w.port[port]:match("^(.*)%.port$") or find_socket(w, host, port)
		if name and w.socket[name] and w.socket[name].kind == "c" then
			name = refer(w, name)
			out[#out + 1] = ("%s = function(a) return %s and a == %s.local_address end"):format(side, name, name)
		end
	end
	return "{" .. concat(out, ", ") .. "}"
end

local function number_of(w, seg)
	w.awaits = true
	return "check.held" .. fields(w, seg) .. ".number"
end

-- Commands whose Lua form is not just their words. Each gives the code, or nil to leave it out.
local form = {}

function form.lab(w, step, plain, options)
	if step.slow and plain[1] ~= '"off"' then
		set_option(options, "clock", '"slow"')
	end
	return call(w, step, plain, options)
end

function form.wire(w, step, plain, options)
	if #plain + #options == 0 then
		return nil
	elseif #options > 0 and step.seed then
		set_option(options, "seed", tostring(step.seed))
	end
	return call(w, step, plain, options)
end

function form.step(w, step)
	local out = {}
	for i, seg in ipairs(step.delivered or {}) do
		out[i] = ('%s("#" .. %s)'):format(head(w, step), number_of(w, seg))
	end
	return concat(out, "\n")
end

function form.drop(w, step)
	return call(w, step, { number_of(w, (step.dropped or {})[1] or step.segment) }, {})
end

function form.dup(w, step)
	return call(w, step, { number_of(w, step.segment) }, {})
end
form.delay = form.dup

function form.save(w, step, plain, options)
	set_option(options, "force", "true")
	return call(w, step, plain, options)
end

function form.set(w, step, plain, options)
	return plain[1] == '"timeout"' and plain[2] and call(w, step, plain, options)
end

function form.option(w, step, plain, options)
	local n = #plain - (names_socket(step, plain) and 1 or 0)
	return n >= 2 and call(w, step, plain, options) or nil
end

-- Raw numbers count from what the kernels chose: they are written as they count from the SYN.
local function relative(w, step, plain, options)
	local seg = step.segment
	if options.raw ~= "true" or not seg then
		return call(w, step, plain, options)
	end
	local out = { ('from = "%s"'):format(seg.from_address), ('to = "%s"'):format(seg.to_address),
		('flags = "%s"'):format(seg.flags), "seq = " .. seg.seq }
	if seg.flags:find("ACK") then
		out[#out + 1] = "ack = " .. seg.ack
	end
	for _, name in ipairs { "window", "urgent", "options", "data", "checksum", "offset", "cut", "len",
		"timeout" } do
		if options[name] then
			out[#out + 1] = name .. " = " .. options[name]
		end
	end
	return call(w, step, {}, out)
end
form.inject, form.expect = relative, relative

function form.send(w, step, plain, options)
	local words = {}
	for i = names_socket(step, plain) and 2 or 1, #plain do
		words[#words + 1] = tostring(load("return " .. plain[i])())
	end
	if #options == 0 then
		w.sent[concat(words, " ")] = true
	end
	return call(w, step, plain, options)
end

-- Bytes of several sends, or of several segments, may come one after the other.
function form.recv(w, step, plain, options)
	local first = names_socket(step, plain) and 2 or 1
	local what = plain[first]
	local counts = not what or what:find("^%d")
	if options.file then
		set_option(options, "force", "true")
	elseif counts and step.gave == "string" and not (w.sent[step.value] and step.bytes <= 1000) then
		plain[first], plain[first + 1] = '"exactly"', tostring(step.bytes)
	end
	if w.expect and step.gave == "nil" and counts and #options == 0 and not step.task then
		return "check.eof(" .. refer(w, step.socket or "?") .. ")", true
	end
	return call(w, step, plain, options)
end

-- Checks what the code gives, when the session knows that and it can be repeated.
local function checked(w, result, code)
	if not w.expect then
		return code
	elseif result.gave == "string" and result.value and #result.value <= 2000 then
		return ("check.equal(%s, %s)"):format(code, quote(result.value))
	elseif result.gave == "string" then
		return ("check.equal(#%s, %d)"):format(code, result.bytes)
	elseif result.gave == "nil" or result.gave == "number" then
		return ("check.equal(%s, %s)"):format(code, tostring(result.value))
	end
	return code
end

local has_value = { recv = true, wait = true }

local function put_command(w, step)
	local plain, options = arguments(w, step)
	local code, whole = (form[step.command] or call)(w, step, plain, options)
	if not code then
		return false
	end
	if step.command ~= "send" and step.command ~= "recv" then
		code = ports(w, code)
	end
	local value = has_value[step.command] and step.gave ~= "socket" and not whole
	if step.task then
		w.var[step.task] = step.name or step.task
		put(w, ("%s = spawn(function() return %s end)"):format(w.var[step.task], code))
	elseif step.gave == "socket" then
		put(w, ("%s = %s"):format(bind(w, step.value, step.name), code))
	elseif step.name then
		put(w, ("%s = %s"):format(step.name, whole and "nil" or code))
		if whole then
			put(w, code)
		elseif value and w.expect then
			put(w, checked(w, step, step.name))
		end
	else
		put(w, value and checked(w, step, code) or code)
	end
	return true
end

---------------------------------------------------------------- Lua lines

local function is_statement(text)
	return load(text, "=line", "t") ~= nil
end

-- At the prompt each line is a chunk of its own: its locals end with it, and return ends only it.
local function put_lua(w, step)
	local text = ports(w, step.text):gsub("%s+$", "")
	if not is_statement(text) then
		put(w, "do local _ = " .. text .. "\nend")
	elseif text:find("%f[%w_]return%f[^%w_]") then
		put(w, "do local function line()\n" .. text .. "\nend line() end")
	elseif text:find("%f[%w_]local%f[^%w_]") or text:find("::", 1, true) then
		put(w, "do\n" .. text .. "\nend")
	else
		put(w, (text:find("^%s*%(") and ";" or "") .. text)
	end
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
		if step.command == "wait" and step.text:find("%f[%w]" .. name .. "%f[%W]") then
			goto next
		elseif task.gave == "socket" then
			put(w, ("%s = wait(%s)"):format(bind(w, task.value), var))
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

-- Sockets that a step has made, and the ports that the kernel chose for them.
local function learn(w, step)
	for _, list in ipairs { step.changed or {}, step.later or {} } do
		for _, s in ipairs(list) do
			if s.made then
				w.socket[s.name] = s
				if not step.text:find("%f[%d]" .. s.port .. "%f[%D]") and s.kind ~= "s" and s.port > 0 then
					w.port[s.port] = refer(w, s.name) .. ".port"
				end
			end
		end
	end
end

local function is_kept(w, step)
	if step.ended ~= "ok" or step.looks then
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
	elseif not step.command then
		put_lua(w, step)
		w.commands = w.commands + 1
	elseif put_command(w, step) then
		w.commands = w.commands + 1
	end
	learn(w, step)
end

local function put_steps(w)
	local kept, longest = {}, 0
	for i, step in ipairs(w.record) do
		if is_kept(w, step) then
			kept[#kept + 1] = i
			longest = math.max(longest, step.seconds)
		end
	end
	if longest > 5 then
		put(w, ('set("timeout", "%ds")'):format(math.ceil(longest * 2)))
	end
	for n, i in ipairs(kept) do
		put_step(w, w.record[i])
		put_effects(w, i, kept[n + 1] or #w.record + 1)
	end
end

local function count_failed(record)
	local n = 0
	for _, step in ipairs(record) do
		n = n + (step.ended ~= "ok" and step.ended and not step.looks and 1 or 0)
	end
	return n
end

---The script, as text, and how many commands are in it.
---@param record table of src/lua/record.c
---@param expect boolean
function M.write(record, expect)
	local w = writer(record, expect)
	local failed = count_failed(record)
	put(w, "#!/usr/bin/env tcpstep")
	put(w, ("-- saved by tcpstep %s%s"):format(shell.version(), failed == 0 and ""
		or failed == 1 and "; one failed command left out"
		or ("; %s failed commands left out"):format(numbers[failed] or failed)))
	if record.full then
		put(w, "-- The session was longer than what is kept of it: this is its beginning.")
	end
	local head_lines = #w.out
	put_steps(w)
	if w.awaits then
		-- Longer than a loaded machine ever takes.
		table.insert(w.out, head_lines + 1, "check.limit = 10")
	end
	return concat(w.out, "\n") .. "\n", w.commands
end

return M
