-- Takes check away, and uses it.
check.equal(1, 1)
_G.check = nil
check.equal(1, 2)
