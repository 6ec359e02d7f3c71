-- session_writer.lua - what a saved session is written with: lines, literals, names, ports.

local values = require("tcpstep.values")
local M = {}

---------------------------------------------------------------- text

function M.quote(s)
	return '"' .. values.printable(s) .. '"'
end

---------------------------------------------------------------- names

-- What is written: lines out, and what is known at the line that is being written.
function M.new(record, expect)
	local bare = {}
	local w = {
		record = record,
		expect = expect,
		out = {},
		commands = 0,
		limit = 10, -- seconds for what is awaited: longer than a loaded machine ever takes
		var = {}, -- of a socket, by its name; of a task, by its
		result = {}, -- the name that what a task gives is to have
		waited = {}, -- tasks whose end the script has waited for, by their variables
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

function M.put(w, line)
	w.out[#w.out + 1] = line
end

-- The variable for a socket of that name, given one from now on.
function M.bind(w, name, var)
	local bare = name:match("[^.]+$")
	w.var[name] = var or w.common[bare] and name:gsub("%.", "_") or bare
	return w.var[name]
end

-- How a typed c1, client.c1 or t1 is written.
function M.refer(w, name)
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
function M.ports(w, code)
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

return M
