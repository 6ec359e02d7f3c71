-- A connection in CLOSING or LAST_ACK goes away at once when an RST comes.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:shutdown()
s:shutdown()
local fin_c = check.held { from = "client", flags = "FIN,ACK" }
local fin_s = check.held { from = "server", flags = "FIN,ACK" }
net.wire:step("#" .. fin_s.number)
check.states { [c] = "CLOSING", [s] = "FIN_WAIT_1" }
s:abort()
net.wire:drop("#" .. fin_c.number)
net.wire:step("#" .. check.held { from = "server", flags = "RST,ACK" }.number)
check.states { [c] = "CLOSED", [s] = "CLOSED" }

net.wire:continue()
c = net.client:connect("server:80")
s = l:accept()
c:shutdown()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
net.wire:hold()
s:shutdown()
check.states { [c] = "FIN_WAIT_2", [s] = "LAST_ACK" }
c:abort()
net.wire:step("#" .. check.held { from = "client", flags = "RST,ACK" }.number)
check.states { [c] = "CLOSED", [s] = "CLOSED" }
