-- A SYN that nobody answers: connect gives up with ETIMEDOUT, here after its user_timeout. (slow: 1 s)
local net = lab("client", "server")
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
local c = net.client.c1
c:option("user_timeout", 500)
check.state(c, "SYN_SENT")

check.fails("ETIMEDOUT", wait, t)
check.state(c, "CLOSED")
check.equal(#held(), 1)
