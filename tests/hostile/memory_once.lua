-- Wants more memory than there is, in one piece.
check(true)
local all = ("x"):rep(1 << 40)
