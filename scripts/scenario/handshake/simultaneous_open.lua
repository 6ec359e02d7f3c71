-- Two SYNs that cross make one connection, through SYN_RCVD at both ends.
local net = lab("a", "b", { clock = "slow" })
net.wire:hold()
local ta = spawn(connect, net.a, "b:2000", { from = 1000 })
check.held { from = "a", flags = "SYN" }
local tb = spawn(connect, net.b, "a:1000", { from = 2000 })
check.held { from = "b", flags = "SYN" }
local a, b = net.a.c1, net.b.c1
check.states { [a] = "SYN_SENT", [b] = "SYN_SENT" }

net.wire:step()
check.states { [a] = "SYN_SENT", [b] = "SYN_RCVD" }
net.wire:step()
check.states { [a] = "SYN_RCVD", [b] = "SYN_RCVD" }
check.held { from = "a", flags = "SYN,ACK", seq = 0, ack = 1 }
check.held { from = "b", flags = "SYN,ACK", seq = 0, ack = 1 }

net.wire:step()
check.states { [a] = "ESTABLISHED", [b] = "SYN_RCVD" }
net.wire:continue()
check.states { [wait(ta)] = "ESTABLISHED", [wait(tb)] = "ESTABLISHED" }
a:send("hello")
check.equal(b:recv("exactly", 5), "hello")
