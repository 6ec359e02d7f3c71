-- With tcp_syncookies=2 every answer is a SYN cookie: no SYN_RCVD, and the ACK alone makes the connection.
local net = lab("client", "server", { clock = "slow" })
net.server:sysctl("tcp_syncookies", 2)
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { from = "client", flags = "SYN" }
net.wire:step()
check.segment(check.held { from = "server" }, { flags = "SYN,ACK", seq = 0, ack = 1 })
check.waiting(l)

net.wire:step()
local c = wait(t)
check.state(c, "ESTABLISHED")
check.held { from = "client", flags = "ACK" }
check.waiting(l)
net.wire:step()
check.waiting(l, "ESTABLISHED")
check.state(l:accept(), "ESTABLISHED")
