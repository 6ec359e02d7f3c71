-- Loops for ever, each turn in a coroutine of its own.
check(true)
while true do
	coroutine.wrap(function() pcall(error) end)()
end
