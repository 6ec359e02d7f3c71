-- Yields from the main chunk, to nobody.
check(true)
coroutine.yield()
