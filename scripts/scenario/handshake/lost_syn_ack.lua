-- A lost SYN,ACK: both ends send again, and the handshake goes on. (slow: 1 s)
local net = lab("client", "server")
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")

check.held { flags = "SYN" }
net.wire:step()
local first = check.held { flags = "SYN,ACK" }
net.wire:drop()
check.state(net.client.c1, "SYN_SENT")
check.waiting(l, "SYN_RCVD")

net.wire:continue()
local again = check.seen({ flags = "SYN,ACK" }, first.number, 3)
check.equal(again.raw_seq, first.raw_seq)
check.state(wait(t), "ESTABLISHED")
check.state(l:accept(), "ESTABLISHED")
