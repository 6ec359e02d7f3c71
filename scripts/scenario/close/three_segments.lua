-- When the peer's FIN comes with the ACK of ours, FIN_WAIT_1 ends in TIME_WAIT at once.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:close()
check.held { flags = "FIN,ACK" }
net.wire:step()
check.held { from = "server", flags = "ACK", ack = 2 }
net.wire:drop()
check.states { [c] = "FIN_WAIT_1", [s] = "CLOSE_WAIT" }

s:close()
check.held { from = "server", flags = "FIN,ACK", seq = 1, ack = 2 }
check.states { [c] = "FIN_WAIT_1", [s] = "LAST_ACK" }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "LAST_ACK" }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
