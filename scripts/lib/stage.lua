-- stage.lua - what a lesson plays on: this machine's loopback, or a lab, both empty at first.

local _, shell = ...
local stage = {}

local ipairs, pcall, state, lab, concat = ipairs, pcall, state, lab, table.concat

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

---The first line of why a lab cannot be made here; nil when it can be.
function stage.lab_refused()
	shell.clear()
	local made, why = pcall(lab, {})
	shell.clear()
	return not made and tostring(type(why) == "table" and why.message or why):match("[^\n]*") or nil
end

---Empties the stage and sets it up for a lesson. Gives what the lesson's functions get ({client =, server =,
---wire =}) and the names of sockets that were closed; or nil and why the lab cannot be made.
function stage.build(lesson)
	local closed, net = socket_names(), {}
	shell.clear()
	forget_names()
	if lesson.needs == "lab" then
		local hosts = lesson.hosts or { "client", "server" }
		local made
		hosts = table.move(hosts, 1, #hosts, 1, {})
		hosts[#hosts + 1] = { clock = lesson.clock or "slow" }
		made, net = pcall(lab, table.unpack(hosts))
		if not made then
			return nil, tostring(type(net) == "table" and net.message or net):match("[^\n]*")
		end
	end
	if lesson.setup then
		lesson.setup(net)
		-- The stage is for the learner to look at, not to be told of.
		shell.untold()
	end
	return net, concat(closed, ", ")
end

return stage
