-- Waits for ever, in a coroutine.
check(true)
local l = listen(0)
coroutine.wrap(function()
	l:accept { timeout = "off" }
end)()
