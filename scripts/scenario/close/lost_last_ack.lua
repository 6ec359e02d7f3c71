-- When the last ACK is lost, the FIN comes again, and TIME_WAIT answers it once more.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:close()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
net.wire:hold()

s:close()
local fin = check.held { from = "server", flags = "FIN,ACK" }
net.wire:step("#" .. fin.number)
net.wire:drop("#" .. check.held { from = "client", flags = "ACK", seq = 2, ack = 2 }.number)
check.states { [c] = "TIME_WAIT", [s] = "LAST_ACK" }

local again = check.held { from = "server", flags = "FIN,ACK" }
check.equal(again.raw_seq, fin.raw_seq)
net.wire:step("#" .. again.number)
net.wire:step("#" .. check.held { from = "client", flags = "ACK", seq = 2, ack = 2 }.number)
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
