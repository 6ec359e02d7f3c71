-- Takes check away, and uses it.
check.equal(1, 1)
check = nil
check.equal(1, 2)
