-- Loops for ever, and takes away every hook.
check(true)
while true do
	debug.sethook()
end
