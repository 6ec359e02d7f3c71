-- Raises a value whose __tostring raises.
check(true)
error(setmetatable({}, { __tostring = function() error("again") end }))
