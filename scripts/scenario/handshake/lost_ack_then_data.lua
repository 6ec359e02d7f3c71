-- When the third ACK is lost, the first data makes up for it: it acknowledges the same.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
net.wire:step()
net.wire:step()
local c = wait(t)
check.held { flags = "ACK" }
net.wire:drop()
check.states { [c] = "ESTABLISHED" }
check.waiting(l, "SYN_RCVD")

c:send("hello")
check.segment(check.held { flags = "PSH,ACK" }, { seq = 1, ack = 1, data = "hello" })
net.wire:continue()
check.waiting(l, "ESTABLISHED")
local s = l:accept()
check.equal(s:recv("exactly", 5), "hello")
