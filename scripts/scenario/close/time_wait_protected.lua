-- With tcp_rfc1337 an RST cannot end TIME_WAIT.
local net = lab("client", "server", { clock = "slow" })
net.client:sysctl("tcp_rfc1337", 1)
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:close()
check.eof(s)
s:close()
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }

local rst = inject { from = "server:80", to = c.local_address, flags = "RST", seq = 2 }
check.equal(show(rst).fate, "delivered")
check.state(c, "TIME_WAIT")
net.client:sysctl("tcp_rfc1337", 0)
inject { from = "server:80", to = c.local_address, flags = "RST", seq = 2 }
check.state(c, "CLOSED")
