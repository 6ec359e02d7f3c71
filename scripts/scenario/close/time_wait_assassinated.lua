-- A stray old FIN can end TIME_WAIT early: its ACK draws an RST (RFC 1337, assassination).
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:close()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
net.wire:hold()
s:close()
local fin = check.held { from = "server", flags = "FIN,ACK" }
local copy = net.wire:dup("#" .. fin.number)
net.wire:step("#" .. fin.number)
net.wire:step("#" .. check.held { from = "client", flags = "ACK", ack = 2 }.number)
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }

net.wire:step("#" .. copy)
net.wire:step("#" .. check.held { from = "client", flags = "ACK", ack = 2 }.number)
check.state(c, "TIME_WAIT")
net.wire:step("#" .. check.held { from = "server", flags = "RST" }.number)
check.state(c, "CLOSED")
