-- Prints for ever.
check(true)
local line = ("x"):rep(1000)
while true do
	print(line)
end
