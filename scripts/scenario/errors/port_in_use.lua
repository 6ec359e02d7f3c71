-- A port can have one listener only: the second gets EADDRINUSE, until the first is closed.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
check.state(l, "LISTEN")
check.fails("EADDRINUSE", listen, net.server, 80)
check.state(net.client:listen(80), "LISTEN")

l:close()
check.state(l, "CLOSED")
check.fails("ECONNREFUSED", connect, net.client, "server:80")
check.state(net.server:listen(80), "LISTEN")
