-- Ends well, and then loops for ever in a finalizer.
check(true)
Kept = setmetatable({}, { __gc = function()
	while true do
	end
end })
