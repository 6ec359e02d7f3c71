-- When the third ACK is lost and nobody speaks, the server repeats its SYN,ACK. (slow: 1 s)
local net = lab("client", "server")
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
net.wire:step()
net.wire:step()
local c = wait(t)
check.held { flags = "ACK" }
net.wire:drop()
check.waiting(l, "SYN_RCVD")

check.held({ flags = "SYN,ACK", seq = 0, ack = 1 }, 3)
net.wire:step()
check.held { flags = "ACK", seq = 1, ack = 1 }
check.waiting(l, "SYN_RCVD")
net.wire:step()
check.waiting(l, "ESTABLISHED")
check.state(c, "ESTABLISHED")
