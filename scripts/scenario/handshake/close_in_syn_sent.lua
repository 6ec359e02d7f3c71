-- A close or abort in SYN_SENT sends nothing; the SYN,ACK that comes later is answered with RST.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
local c = net.client.c1
check.state(c, "SYN_SENT")
c:close()
check.state(c, "CLOSED")
check(not try(wait, t), "connect cannot succeed")

net.wire:step()
check.waiting(l, "SYN_RCVD")
net.wire:step()
check.segment(check.held { from = "client" }, { flags = "RST", seq = 1, len = 0 })
net.wire:step()
check.waiting(l)
check.state(l, "LISTEN")
check.equal(#held(), 0)

t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
c = net.client.c2
c:abort()
check.state(c, "CLOSED")
check(not try(wait, t), "connect cannot succeed")
check.equal(#held(), 1)
