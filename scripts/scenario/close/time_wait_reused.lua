-- With tcp_tw_reuse a client takes a port that is in TIME_WAIT when no other is free; without, it cannot.
local net = lab("client", "server", { clock = "slow" })
net.client:sysctl("ip_local_port_range", "4000 4000")
net.client:sysctl("tcp_tw_reuse", 0)
try(net.client.sysctl, net.client, "tcp_tw_reuse_delay", 1) -- Linux before 6.14: 1 s
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:close()
check.eof(s)
s:close()
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
check.fails("EADDRNOTAVAIL", connect, net.client, "server:80")

net.client:sysctl("tcp_tw_reuse", 1)
local again = check.within(3, function() return try(connect, net.client, "server:80") end)
check.equal(again.port, 4000)
check.states { [again] = "ESTABLISHED", [l:accept()] = "ESTABLISHED" }
