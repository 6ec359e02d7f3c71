-- why.lua - the known patterns: why a scenario has failed, and what to try.
--
-- Each row looks at the scene (scene.lua) and gives, when it is the one, the values for its two
-- sentences; a row that is not sure stays silent. The first that speaks is taken; when none does, no `why`
-- is printed.

local scene = require("scene")
local values = require("values")

local type, next, tostring = type, next, tostring
local concat = table.concat

local why = {}

local patterns = {}

---The sentences for the first pattern that fits: why, and what to try; nil when none fits.
---@param s table of scene.look
---@return string?, string?, string?
function why.find(s)
	for _, row in ipairs(patterns) do
		local facts = row.when(s)
		if facts then
			local function fill(text)
				return (text:gsub("{(%w+)}", function(name) return tostring(facts[name]) end))
			end
			return fill(facts.why or row.why), fill(facts.try or row.try), row.name
		end
	end
end

why.patterns = patterns
return why
