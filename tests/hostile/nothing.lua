-- Checks nothing.
local l = listen(0)
l:close()
