-- Loops for ever in a coroutine that a coroutine has resumed.
check(true)
coroutine.wrap(function()
	coroutine.wrap(function()
		local n = 0
		while true do
			n = n + 1
		end
	end)()
end)()
