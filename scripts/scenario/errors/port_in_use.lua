-- A port can have one listener only: the second gets EADDRINUSE, on another host it is free.
local net = lab("client", "server")
local l = net.server:listen(80)
check.fails("EADDRINUSE", listen, net.server, 80)
check.state(net.client:listen(80), "LISTEN")
l:close()
check.state(net.server:listen(80), "LISTEN")
