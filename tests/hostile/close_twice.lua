-- Closes a socket twice.
local l = listen(0)
local c = connect(l.port)
check(c)
c:close()
c:close()
c:send("x")
