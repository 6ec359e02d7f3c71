-- stage.lua - what a lesson plays on: this machine's loopback, or a lab, both empty at first.

local next, rawget, rawset, setmetatable = next, rawget, rawset, setmetatable
local table, tostring, type = table, tostring, type
local _, shell = ...
local lesson_taken = require "tcpstep.lesson_taken"
local stage = {}

local ipairs, pcall, hosts, lab, state = ipairs, pcall, hosts, lab, state

-- Sockets of the shell, without the connections that wait in a queue.
local function socket_names()
	local out, there, rows = {}, pcall(state)
	for _, row in ipairs(there and rows or {}) do
		out[#out + 1] = row.name:sub(1, 1) ~= "(" and row.name or nil
	end
	return out
end

-- c1 = connect(...) made a global, which would stand before the next lesson's c1.
local function forget_names()
	for name in next, _G do
		if type(name) == "string" and name:match("^[lcst]%d+$") then
			rawset(_G, name, nil)
		end
	end
end

-- server = listen(...) would stand before the lesson's host. The names of those that are gone.
local function forget_hosts(names)
	local out = {}
	for _, name in ipairs(names) do
		if rawget(_G, name) ~= nil then
			rawset(_G, name, nil)
			out[#out + 1] = name
		end
	end
	return out
end

-- In one line why a lab cannot be made: the switch that forbids it where it is known, else the kernel's error.
local function why_no_lab(err)
	local known = type(err) == "table" and err.hint:match("^The reason: ([^\n]*)")
	return known or tostring(type(err) == "table" and err.message or err):match("[^\n]*")
end

---Why a lab cannot be made here, in one line; nil when it can be. Looked for once.
function stage.lab_refused()
	if stage.refused == nil and #hosts() > 1 then
		stage.refused = false
	elseif stage.refused == nil then
		local made, why = pcall(lab, {})
		stage.refused = not made and why_no_lab(why)
		pcall(lab, "off")
	end
	return stage.refused or nil
end

---Runs a setup of the lesson's: what it does is for the learner to look at, not to be told of.
---@param setup? function
function stage.play(setup, net)
	if not setup then
		return
	end
	local was = shell.quiet()
	-- However it ends, also by Ctrl-C.
	local _ <close> = setmetatable({}, { __close = function()
		shell.untold()
		shell.quiet(was)
	end })
	shell.quiet(true)
	setup(net)
end

---Empties the stage and sets it up for a lesson. Gives what the lesson's functions get ({client =, server =,
---wire =}, or {port =}), the lesson, which has another port or file where its own is taken, and what is gone: the
---names of {sockets =, variables =}. Or nil and why the lab cannot be made.
function stage.build(lesson)
	local gone = { sockets = socket_names(), variables = {} }
	shell.clear()
	forget_names()
	lesson = lesson_taken.instead(lesson)
	-- The names of sockets begin anew.
	shell.clear()
	local net = { port = lesson.port }
	if lesson.needs == "lab" then
		local names = lesson.hosts or { "client", "server" }
		local made
		gone.variables = forget_hosts(names)
		names = table.move(names, 1, #names, 1, {})
		names[#names + 1] = { clock = lesson.clock or "slow" }
		made, net = pcall(lab, table.unpack(names))
		if not made then
			return nil, why_no_lab(net)
		end
	end
	stage.play(lesson.setup, net)
	return net, lesson, gone
end

return stage
