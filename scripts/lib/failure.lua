-- failure.lua - the report of a failure: made where it happened, printed where it is read.
--
-- failure.describe(err, options) looks around while the sockets and the lab are still alive, and gives
-- a flat table of strings and numbers: file, line, op, code, message, source, expected, got, why, try,
-- hint, ladder, earlier (segments that the ladder leaves out), states, kept (the saved capture), seed (of the
-- wire's dice).
-- What is not known is not in it. failure.text(record, number) makes lines of it.

local failure = {}

local _, shell, private = ...
local scene, values, why = require("tcpstep.scene"), require("tcpstep.values"), require("tcpstep.why")
local wrap = require("tcpstep.wrap")
-- What the script has done to its globals does not matter here.
local type, tostring, pcall, ipairs = type, tostring, pcall, ipairs
local concat, getlocal, open = table.concat, debug.getlocal, io.open
local getinfo, ladder, save = debug.getinfo, ladder, save
local width = shell.width

local WIDTH, INDENT, LABEL = 78, 3, 13
-- A ladder is not narrower than this, the blanks in front of it among them.
local LADDER, LADDER_INDENT = 66, 6
-- The shell puts seven blanks in front of a hint's lines.
local HINT_WIDTH = WIDTH - 7
-- Lines of the script in front of the one that failed, and behind it.
local BEFORE, AFTER = 2, 0
-- Segments that a ladder shows at most.
local SHOWN = 8

---------------------------------------------------------------- making it

-- The script's lines around one, that one marked; nil when they cannot be read.
function failure.source(file, line)
	local f = file and line and shell.what(file) == "file" and open(file)
	if not f then
		return nil
	end
	local out, n = {}, 0
	for text in f:lines() do
		n = n + 1
		if n >= line - BEFORE and n <= line + AFTER then
			out[#out + 1] = ("%s %2d | %s"):format(n == line and ">" or " ", n, text:gsub("\r$", ""))
		elseif n > line + AFTER then
			break
		end
	end
	f:close()
	return #out > 0 and concat(out, "\n") or nil
end

-- How the script calls the sockets: their names, or the variables of the thread that hold them.
local function variables(thread)
	local names = {}
	for level = 0, 50 do
		local info = thread and getinfo(thread, level, "S")
		if not info then
			break
		end
		for i = 1, info.source:sub(1, 1) == "@" and 200 or 0 do
			local name, value = getlocal(thread, level, i)
			if not name then
				break
			elseif type(value) == "userdata" and name:match("^[%a_]") then
				local said, its = pcall(function() return value.kind and value.name end)
				if said and its then
					names[its] = names[its] or name
				end
			end
		end
	end
	return names
end

-- In the sentence to try, sockets bear the script's own names: server.s1:recv() is s:recv().
local function with_variables(text, thread)
	local names = variables(thread)
	return (text:gsub("[%w_%-]+%.[lcs]%d+", function(name) return names[name] end))
end

-- How many of the segments need not be shown: a handshake that was done, and what is old.
local function left_out(segs)
	local n = #segs
	local first = n - SHOWN
	for i = 1, n - 3 do
		local a, b, c = segs[i], segs[i + 1], segs[i + 2]
		if a.flags == "SYN" and b.flags == "SYN,ACK" and c.flags == "ACK" and c.from_address == a.from_address
			and i + 2 > first then
			first = i + 2
		end
	end
	return first > 0 and first or 0
end

-- The ladder of the connection that the failure is about, where that is known, else of all; and how many
-- segments of it come before.
local function ladder_of(s, whole, columns)
	local own, segs = scene.is_connection(s.sock), {}
	for i = 1, #s.segments do
		if not own or scene.is_of(s.segments[i], s.sock) then
			segs[#segs + 1] = s.segments[i]
		end
	end
	if #segs == 0 then
		own, segs = false, s.segments
	end
	local earlier = whole and 0 or left_out(segs)
	local after = earlier > 0 and segs[earlier].number or segs[1].number - 1
	local options = { columns = math.max(columns, LADDER), after = after }
	-- The first ones of a very long trace are not among the segments.
	earlier = earlier + (own and 0 or segs[1].number - 1)
	return own and ladder(s.object, options) or ladder(options), whole and 0 or earlier
end

local function column(text, columns, right)
	local blanks = (" "):rep(columns - width(text))
	return right and blanks .. text or text .. blanks
end

local function queues(row)
	if row.queue then
		return row.queue .. "/" .. row.backlog, "-"
	elseif row.state == "TIME_WAIT" then
		return "-", "-"
	end
	return tostring(row.recvq), tostring(row.sendq)
end

-- The table of states: those that the kernel knows, and those that the script has closed since.
local function states(s)
	local rows = { { "name", "state", "recvq", "sendq", "last error" } }
	local seen = {}
	-- The ladder may have let the wire deliver once more.
	for _, row in ipairs(scene.rows()) do
		local recvq, sendq = queues(row)
		seen[row.name] = true
		rows[#rows + 1] = { row.name, row.state, recvq, sendq, row.error or "-" }
	end
	for _, e in ipairs(s.events) do
		local name = e.event == "command" and e.text:match("^%a+ ([%w_%-]+%.[cs]%d+)")
		if name and not seen[name] then
			seen[name] = true
			rows[#rows + 1] = { name, "CLOSED", "-", "-", "-" }
		end
	end
	if #rows == 1 then
		return nil
	end
	local widths, out = { 0, 0, 0, 0, 0 }, {}
	for _, row in ipairs(rows) do
		for i = 1, 5 do
			widths[i] = math.max(widths[i], width(row[i]))
		end
	end
	for i, row in ipairs(rows) do
		local cells = {}
		for k = 1, 5 do
			cells[k] = column(row[k], widths[k], k == 3 or k == 4)
		end
		out[i] = concat(cells, "  "):gsub(" +$", "")
	end
	return concat(out, "\n")
end

-- The capture beside the report. A full disk is told in its place.
local function keep(o, s)
	if not o.dir or not o.name or #s.segments == 0 then
		return nil
	end
	local path = (o.dir == "." and "" or o.dir .. "/") .. o.name .. ".pcapng"
	local saved, err = pcall(save, path, { force = true })
	return saved and path or "nothing: " .. tostring(err)
end

local function place(err)
	local where = type(err) == "table" and type(err.where) == "string" and err.where or tostring(err)
	local file, line = where:match("^(.-):(%d+)")
	return file, line and math.tointeger(line)
end

-- What was expected and got, where that is a line each.
local function sides(s, err)
	if err.op == "check.equal" and type(err.expected) ~= "table" and type(err.got) ~= "table" then
		local expected, got = values.literal(err.expected), values.literal(err.got)
		if expected ~= got then -- long ones may differ where they are not shown
			return expected, got
		end
	elseif err.op ~= "check" and err.op ~= "check.equal" and s.expected and s.got then
		return s.expected, s.got
	end
end

---What is known of an error that a script has raised, and of all around it. options: dir and name, where
---the capture is kept (DIR/NAME.pcapng); thread, whose variables name the sockets; verbose, for the whole
---ladder; file and line, when the error does not say them; columns, 78 when left out.
---@param err any
---@param options? table
---@return table<string, string|number>
function failure.describe(err, options)
	local o = options or {}
	local s = scene.look(err)
	local file, line = place(err)
	local r = { file = o.file or file, line = o.line or line, op = s.op, code = s.code, message = s.message }
	-- In a sandbox not every file may be read.
	local read, source = pcall(failure.source, r.file, r.line)
	r.source = read and source or nil
	if type(err) == "table" then
		r.expected, r.got = sides(s, err)
		r.hint = type(err.hint) == "string" and err.hint ~= "" and err.hint or nil
	end
	local said, cause, try = pcall(why.find, s)
	if said and cause then
		r.why, r.try = cause, with_variables(try, o.thread)
	end
	if #s.segments > 0 then
		r.ladder, r.earlier = ladder_of(s, o.verbose, o.columns or WIDTH)
	end
	r.states = states(s)
	r.kept = keep(o, s)
	r.seed = s.seed
	return r
end

---------------------------------------------------------------- printing it

-- What may be in a line of a script or a message, as this terminal can show it.
local function plain(line)
	return private.clean((line:gsub("[\t\n]", { ["\t"] = "    ", ["\n"] = "\\n" })))
end

-- The line, or as much of it as has room.
local function clipped(line, columns)
	if width(line) <= columns then
		return line
	end
	local out, used = {}, 2
	for char in line:gmatch(utf8.charpattern) do
		used = used + width(char)
		if used > columns then
			break
		end
		out[#out + 1] = char
	end
	return concat(out) .. ".."
end

-- The text in lines of so many columns, broken between words, longer words in pieces. Its blanks in front stay.
local function wrapped(text, columns)
	local out = {}
	for given in (text .. "\n"):gmatch("(.-)\n") do
		given = plain(given)
		local blanks = given:match("^ *"):sub(1, columns // 2)
		local lines = width(given) <= columns and { given:sub(#blanks + 1) }
			or wrap.lines({ given:match("^ *(.*)") }, columns - #blanks)
		for _, line in ipairs(lines) do
			for _, piece in ipairs(wrap.cut(line, columns - #blanks)) do
				out[#out + 1] = blanks .. piece
			end
		end
	end
	return out
end

---Gives a failed check the known reason, where there is one, as its hint: for those who see no report.
---@param err tcpstep.error
function failure.explain(err)
	local cause, try = why.find(scene.look(err))
	if cause then
		err.hint = concat(wrapped(cause .. "\nTry: " .. try, HINT_WIDTH), "\n")
	end
end

local Report = {}
Report.__index = Report

function Report:line(text, indent)
	self[#self + 1] = ((" "):rep(indent or INDENT) .. text):gsub(" +$", "")
end

function Report:gap()
	if self[#self] ~= "" then
		self[#self + 1] = ""
	end
end

-- "   why       text", its further lines below the text.
function Report:labelled(label, text)
	if text then
		for i, line in ipairs(wrapped(tostring(text), self.columns - LABEL)) do
			self:line(column(i == 1 and label or "", LABEL - INDENT) .. line)
		end
	end
end

-- A command or a file's name: it is to be copied, so it is never cut.
function Report:whole(label, text, note)
	text = plain(tostring(text))
	local room = self.columns - LABEL - width(text) >= width(note or "")
	self:line(column(label, LABEL - INDENT) .. text .. (room and note or ""))
	if note and not room then
		self:line(column("", LABEL - INDENT) .. note:gsub("^ +", ""))
	end
end

function Report:block(text)
	if text then
		self:gap()
		for line in (text .. "\n"):gmatch("(.-)\n") do
			self:line(clipped(plain(line), self.columns - INDENT))
		end
	end
end

-- Its own indentation goes; where there is no room for the report's, that too.
function Report:ladder(text, earlier)
	if not text or text == "" then
		return
	end
	self:gap()
	local last, indent = 0, self.columns < LADDER - LADDER_INDENT + INDENT and 0 or INDENT
	for line in text:gsub("\n+$", ""):gmatch("[^\n]*") do
		self:line(line:gsub("^" .. (" "):rep(LADDER_INDENT), ""), indent)
		last = math.max(last, width(line) - LADDER_INDENT)
	end
	if (earlier or 0) > 0 then
		self:line(column(("(%d earlier: -v)"):format(earlier), last, true), indent)
	end
end

---The record as a report, each line with its newline, of at most so many columns, 78 at first; only
---commands and names of files are never cut. What the record does not have is left out.
---@param record table
---@param number? integer of the failure, in front
---@param columns? integer
---@return string
function failure.text(record, number, columns)
	columns = columns or WIDTH
	local r = setmetatable({ columns = columns }, Report)
	local at = record.file and ("%s:%s"):format(record.file, record.line or "?") or "?"
	r[1] = clipped((number and ("%d) "):format(number) or "") .. plain(at), columns)
	local claim = record.name and record.file and record.name:sub(1, #record.file + 2) == record.file .. ": "
		and record.name:sub(#record.file + 3)
	for _, line in ipairs(wrapped((claim and plain(claim) .. "\n" or "") .. tostring(record.message), columns - INDENT)) do
		r:line(line)
	end
	r:block(record.source)
	r:gap()
	r:labelled("expected", record.expected)
	r:labelled("got", record.got)
	r:gap()
	r:labelled("why", record.why)
	r:labelled("try", record.try or record.hint)
	r:ladder(record.ladder, record.earlier)
	r:block(record.states)
	r:block(record.trace)
	r:gap()
	if record.kept then
		r:whole("kept", record.kept)
	end
	if record.seed then
		r:whole("seed", record.seed, ("  (wire{..., seed = %d} rolls the same dice)"):format(record.seed))
	end
	if record.again then
		r:whole("again", record.again)
	end
	if record.debug then
		r:whole("debug", record.debug, ("  (prompt at line %s)"):format(record.line or "?"))
	end
	if r[#r] == "" then
		r[#r] = nil
	end
	return concat(r, "\n") .. "\n"
end

return failure
