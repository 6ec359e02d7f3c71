-- Ends well, and then loops for ever in a finalizer.
check(true)
_G.kept = setmetatable({}, { __gc = function()
	while true do
	end
end })
