-- Four segments end a connection: FIN and ACK one way, FIN and ACK the other.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:close()
check.held { from = "client", flags = "FIN,ACK", seq = 1, ack = 1 }
check.states { [c] = "FIN_WAIT_1", [s] = "ESTABLISHED" }
net.wire:step()
check.states { [c] = "FIN_WAIT_1", [s] = "CLOSE_WAIT" }
check.held { from = "server", flags = "ACK", seq = 1, ack = 2 }
net.wire:step()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
check.eof(s)

s:close()
check.held { from = "server", flags = "FIN,ACK", seq = 1, ack = 2 }
check.states { [c] = "FIN_WAIT_2", [s] = "LAST_ACK" }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "LAST_ACK" }
check.held { from = "client", flags = "ACK", seq = 2, ack = 2 }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
