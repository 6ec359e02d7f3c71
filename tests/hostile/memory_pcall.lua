-- Wants all memory, again and again.
check(true)
local all = {}
while true do
	pcall(function()
		while true do
			all[#all + 1] = ("x"):rep(100000) .. #all
		end
	end)
end
