-- Loops for ever in a finalizer, where no hook runs.
check(true)
setmetatable({}, { __gc = function()
	local n = 0
	while true do
		n = n + 1
	end
end })
collectgarbage()
