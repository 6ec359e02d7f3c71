-- session_command.lua - a typed command as a line of the script that its session becomes.
--
-- A script runs faster than a person types, and meets other ports and timers. So a segment of a held wire
-- is named by what is in it, and awaited: retransmissions do not matter; and a recv that has got what
-- several sends brought asks for exactly so many bytes.

local writer = require("tcpstep.session_writer")
local put, bind, refer, ports, quote = writer.put, writer.bind, writer.refer, writer.ports, writer.quote
local concat = table.concat
local M = {}

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
function M.fields(w, seg)
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
	return "check.held" .. M.fields(w, seg) .. ".number"
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
	local counts = not what or what:find('^"?%d')
	if options.file then
		set_option(options, "force", "true")
	elseif counts and step.gave == "string" then
		if not w.sent[step.value] or step.bytes > 1000 then
			plain[first], plain[first + 1] = '"exactly"', tostring(step.bytes)
		elseif not options.peek then
			w.sent[step.value] = nil
		end
	end
	if w.expect and step.gave == "nil" and counts and #options == 0 and not step.task then
		return "check.eof(" .. refer(w, step.socket or "?") .. ")", true
	end
	return call(w, step, plain, options)
end

-- Once its end has been waited for, a task gives nothing new.
function form.wait(w, step, plain, options)
	return (step.name or not w.waited[plain[1]]) and call(w, step, plain, options)
end

---Has the recv failed when bytes were in its file already?
function M.has_taken(step)
	local into = false
	for _, word in ipairs(step.words or {}) do
		into = into or word.option == "file"
	end
	return step.command == "recv" and into and step.code == "timeout" and not step.task
end

-- Checks what the code gives, when the session knows that and it can be repeated.
function M.checked(w, result, code)
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

-- Did the connection come from outside of the session? No other program is in a lab.
local function is_foreign(w, step)
	local peer
	for _, s in ipairs(step.changed or {}) do
		peer = s.name == step.value and s.host == "here" and s.peer or peer
	end
	for _, other in ipairs(peer and w.record or {}) do
		for _, s in ipairs(other.changed or {}) do
			if s.kind == "c" and s.port == peer then
				return false
			end
		end
	end
	return peer ~= nil
end

local has_value = { recv = true, wait = true }

function M.put(w, step)
	local plain, options = arguments(w, step)
	local code, whole = (form[step.command] or call)(w, step, plain, options)
	if not code then
		return false
	end
	if step.command ~= "send" and step.command ~= "recv" then
		code = ports(w, code)
	end
	if M.has_taken(step) then
		put(w, code:gsub("^([^(]*)%(", function(f)
			local object, method = f:match("^(.*):(.*)$")
			return object and ("pcall(%s.%s, %s, "):format(object, method, object) or "pcall(" .. f .. ", "
		end))
		return true
	end
	local value = has_value[step.command] and step.gave ~= "socket" and not whole
	if step.task then
		w.var[step.task] = not step.detached and step.name or step.task
		w.result[step.task] = step.detached and step.name
		put(w, ("%s = spawn(function() return %s end)"):format(w.var[step.task], code))
	elseif step.gave == "socket" then
		if is_foreign(w, step) then
			put(w, "-- This connection came from another program, which must connect again.")
		end
		local name = step.name or step.command == "wait" and w.result[step.text:match("t%d+")] or nil
		put(w, ("%s = %s"):format(bind(w, step.value, name), code))
	elseif step.name then
		put(w, ("%s = %s"):format(step.name, whole and "nil" or code))
		if whole then
			put(w, code)
		elseif value and w.expect then
			put(w, M.checked(w, step, step.name))
		end
	else
		put(w, value and M.checked(w, step, code) or code)
	end
	return true
end

return M
