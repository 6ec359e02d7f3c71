-- Fails in the background, where nobody waits for it.
spawn(function()
	check.equal(1, 2)
end)
check(true)
sleep(0.05)
