-- Calls itself for ever.
check(true)
local function f() return 1 + f() end
f()
