-- Wants all memory.
check(true)
local all = {}
while true do
	all[#all + 1] = ("x"):rep(1000) .. #all
end
