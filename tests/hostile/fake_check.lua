-- Puts a check of its own in place of ours.
_G.check = setmetatable({ equal = function() end }, { __call = function() end })
check(false)
check.equal(1, 2)
