-- Two FINs that cross take both ends through CLOSING to TIME_WAIT.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:close()
s:close()
local fin_c = check.held { from = "client", flags = "FIN,ACK", seq = 1, ack = 1 }
local fin_s = check.held { from = "server", flags = "FIN,ACK", seq = 1, ack = 1 }
check.states { [c] = "FIN_WAIT_1", [s] = "FIN_WAIT_1" }

net.wire:step("#" .. fin_c.number)
check.states { [c] = "FIN_WAIT_1", [s] = "CLOSING" }
net.wire:step("#" .. fin_s.number)
check.states { [c] = "CLOSING", [s] = "CLOSING" }

check.held { from = "server", flags = "ACK", seq = 2, ack = 2 }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "CLOSING" }
check.held { from = "client", flags = "ACK", seq = 2, ack = 2 }
net.wire:step()
check.states { [c] = "TIME_WAIT", [s] = "TIME_WAIT" }
