-- A connection is established after SYN, SYN,ACK and ACK: at the client one segment earlier.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")

check.segment(check.held { from = "client" }, { flags = "SYN", seq = 0, len = 0 })
check.state(net.client.c1, "SYN_SENT")
check.waiting(l)

net.wire:step()
check.segment(check.held { from = "server" }, { flags = "SYN,ACK", seq = 0, ack = 1, len = 0 })
check.state(net.client.c1, "SYN_SENT")
check.waiting(l, "SYN_RCVD")

net.wire:step()
check.segment(check.held { from = "client" }, { flags = "ACK", seq = 1, ack = 1, len = 0 })
local c = wait(t)
check.state(c, "ESTABLISHED")
check.waiting(l, "SYN_RCVD")

net.wire:step()
check.waiting(l, "ESTABLISHED")
check.state(l:accept(), "ESTABLISHED")
check.equal(#held(), 0)
