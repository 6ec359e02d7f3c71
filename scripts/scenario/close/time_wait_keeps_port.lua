-- A connection in TIME_WAIT keeps its port: a listener without SO_REUSEADDR cannot have it.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
s:close()
check.eof(c)
c:close()
check.states { [c] = "CLOSED", [s] = "TIME_WAIT" }
l:close()

check.fails("EADDRINUSE", listen, net.server, 80, { reuse = false })
check.state(s, "TIME_WAIT")
check.state(net.server:listen(80, { reuse = true }), "LISTEN")
