-- Loops for ever, in calls whose errors are swallowed.
check(true)
while true do
	pcall(function()
		while true do
		end
	end)
end
