-- Wants more memory than there is, in one piece.
check(true)
check(("x"):rep(1 << 40))
