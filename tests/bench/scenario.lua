-- scenario.lua - the least that a scenario of TCP does: a lab, both ends, a handshake, a close.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:close()
s:close()
check(true)
