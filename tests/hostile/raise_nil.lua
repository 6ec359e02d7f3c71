-- Raises nil.
check(true)
error(nil)
