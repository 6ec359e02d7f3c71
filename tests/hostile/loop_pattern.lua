-- Asks for a match that takes longer than the universe is old.
check(true)
local text = ("a"):rep(60)
text:find(("a?"):rep(60) .. ("a"):rep(61))
