-- A SYN that comes twice makes one connection; the second is answered as the first was.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")
check.held { flags = "SYN" }
net.wire:dup()
net.wire:step()
check.waiting(l, "SYN_RCVD")
local answer = check.held { from = "server" }
net.wire:drop("#" .. answer.number)

net.wire:step()
check.waiting(l, "SYN_RCVD")
check.segment(check.held { from = "server" }, { flags = "SYN,ACK", raw_seq = answer.raw_seq, ack = 1 })
net.wire:continue()
check.state(wait(t), "ESTABLISHED")
check.waiting(l, "ESTABLISHED")
