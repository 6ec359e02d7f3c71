-- Closing the listener leaves accepted connections alone.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
l:close()
check.state(l, "CLOSED")
check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
c:send("still here")
check.equal(s:recv("exactly", 10), "still here")
check.fails("ECONNREFUSED", connect, net.client, "server:80")
