-- A SYN that nobody answers: connect gives up with ETIMEDOUT. (slow: 3 s)
local net = lab("client", "server")
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
local c = net.client.c1
c:option("syncnt", 1)
check.state(c, "SYN_SENT")

check.fails("ETIMEDOUT", wait, t)
check.state(c, "CLOSED")
check.equal(#held()[1].copies, 1)
