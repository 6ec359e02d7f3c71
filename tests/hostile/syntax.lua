-- Is no Lua.
check(true)
if then
