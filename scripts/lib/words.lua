-- words.lua - the words of `tcpstep test ...` and the arguments of the command test: both ways.

local _, shell, private = ...
local words = {}
local plan, wrap = require "tcpstep.plan", require "tcpstep.wrap"

local OPTIONS = { "jobs", "match", "shuffle", "repeat", "until_fail", "stop", "verbose", "format", "output",
	"timeout", "memory", "cpu", "sandbox" }
local KNOWN = {}
for _, name in ipairs(OPTIONS) do
	KNOWN[name] = true
end
local FLAGS = { until_fail = true, stop = true, verbose = true, sandbox = true }
-- Those of the program itself.
local GENERAL = { json = "--json", lang = "--lang=zh" }
local MEBI = 1 << 20
local SHORT = { j = "jobs", k = "match", v = "verbose" }

---Seconds as they can be typed: 0.000001, where %g has 1e-06.
function words.seconds(n)
	return (math.tointeger(n) and ("%d"):format(n) or (("%.9f"):format(n):gsub("0+$", "")))
end

-- Adds the options that are given, of those names.
local function add_options(out, args, names)
	for _, name in ipairs(names) do
		local value = args[name]
		local long = "--" .. name:gsub("_", "-")
		if FLAGS[name] then
			out[#out + 1] = value and long or nil
		elseif value ~= nil then
			if name == "timeout" or name == "cpu" then
				value = value < 0 and "off" or words.seconds(value)
			elseif name == "memory" and value % MEBI == 0 then
				value = value // MEBI .. "M"
			end
			out[#out + 1] = long .. "=" .. tostring(value)
		end
	end
end

-- The words that ask another process for the same.
function words.of(args)
	local out = { "test" }
	add_options(out, args, OPTIONS)
	out[#out + 1] = "--"
	for _, path in ipairs(args.path or {}) do
		out[#out + 1] = path
	end
	return out
end

---------------------------------------------------------------- how to run one again

-- A text of one line, as it can be printed.
function words.named(text)
	return (private.clean(text):gsub("[\n\t]", { ["\n"] = "\\n", ["\t"] = "\\t" }))
end

---A word of a shell's, which stays what it is when it is printed and copied.
function words.quoted(text)
	if words.named(text) ~= text then
		return "$'" .. text:gsub("[%c\\'\x7f-\xff]", function(c) return ("\\x%02x"):format(c:byte()) end) .. "'"
	end
	return text:match("^[%w_./][%w_./-]*$") or "'" .. text:gsub("'", "'\\''") .. "'"
end

---The name of a file as such a word, which is no option.
function words.file(path)
	return words.quoted((path:gsub("^%-", "./-")))
end

local function command(args, item, names)
	local out = { "tcpstep test" }
	add_options(out, args, names)
	out[#out + 1] = words.file(item.file)
	if item.nth then
		out[#out + 1] = "-k " .. words.quoted(item.name)
	end
	return table.concat(out, " ")
end

-- The line of a shell that runs the scenario again, in the same sandbox and within the same limits.
function words.again(args, item)
	return command(args, item, { "timeout", "memory", "cpu", "sandbox" })
end

-- The one that gives a prompt where it fails; nil in a sandbox, which has none. There is no limit of time then.
function words.debug(args, item)
	return not args.sandbox and command({ memory = args.memory, stop = true }, item, { "memory", "stop" }) or nil
end

---------------------------------------------------------------- reading

-- Raises: there is no such option.
local function unknown(word, name)
	local near = name and shell.nearest(name, OPTIONS)
	plan.usage("unknown option " .. word, GENERAL[name] and "It stands before test: tcpstep " .. GENERAL[name] .. " test"
		or (near and "Did you mean --" .. near:gsub("_", "-") .. "? " or "") .. "tcpstep test --help lists them.")
end

-- "--until-fail", "--jobs=4", "--jobs 4", "-j4", "-j 4": the name, its value, and how many words they took.
local function option_of(list, i)
	local word = list[i]
	local name, value = word:match("^%-%-([%w_-]+)=(.*)$")
	local short, rest = word:match("^%-(%a)(.*)$")
	name = name or word:match("^%-%-([%w_-]+)$") or short and SHORT[short]
	name = name and name:gsub("-", "_")
	if not KNOWN[name] then
		unknown(word, name)
	end
	if short and FLAGS[name] and rest ~= "" then
		list[i] = "-" .. rest
		return name, "yes", 0
	elseif FLAGS[name] then
		return name, value or "yes", 1
	elseif value or short and rest ~= "" then
		return name, value or rest, 1
	elseif not list[i + 1] then
		plan.usage("a value is missing after " .. word, "tcpstep test --help lists the options.")
	end
	return name, list[i + 1], 2
end

---The help of the command test, with the options as a shell's command line has them.
function words.help(text)
	local usage, rest = text:match("^(.-)(\n  %S.*)$")
	usage = usage:gsub("test %[", "tcpstep test [", 1):gsub("\n *", " ")
	for _, name in ipairs(OPTIONS) do
		local long = "--" .. name:gsub("_", "-")
		usage = usage:gsub("%[" .. name .. "=yes|no%]", "[" .. long .. "]"):gsub("%[" .. name .. "=", "[" .. long .. "=")
		-- Two characters more, and two less.
		rest = rest:gsub("\n  " .. name .. (FLAGS[name] and "= " or "=  "), "\n  " .. long .. (FLAGS[name] and "" or "="), 1)
	end
	return table.concat(wrap.lines({ usage }, 64), "\n             ") .. rest
end

-- The words of a command line as the arguments of the command; nil: help is asked for.
function words.read(list)
	local args, i = {}, 1
	local options = {}
	while list[i] do
		if list[i] == "--" then
			table.move(list, i + 1, #list, #args + 1, args)
			break
		elseif list[i] == "--help" or list[i] == "-h" then
			return nil
		elseif list[i]:match("^%-.") then
			local name, value, n = option_of(list, i)
			options[name] = value
			i = i + n
		else
			args[#args + 1] = list[i]
			i = i + 1
		end
	end
	args[#args + 1] = options
	return args
end

return words
