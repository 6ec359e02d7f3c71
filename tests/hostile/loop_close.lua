-- Loops for ever in what <close> has promised.
check(true)
local _ <close> = setmetatable({}, { __close = function()
	while true do
	end
end })
error("and so the guard runs")
