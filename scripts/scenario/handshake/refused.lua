-- A SYN to a port where nobody listens is answered with RST,ACK: connection refused.
local net = lab("client", "server", { clock = "slow" })
net.wire:hold()
local t = spawn(connect, net.client, "server:81")
check.held { flags = "SYN" }
local c = net.client.c1
check.state(c, "SYN_SENT")

net.wire:step()
check.segment(check.held { from = "server" }, { flags = "RST,ACK", seq = 0, ack = 1, window = 0 })
check.state(c, "SYN_SENT")
net.wire:step()
check.fails("ECONNREFUSED", wait, t)
check.equal(#held(), 0)
