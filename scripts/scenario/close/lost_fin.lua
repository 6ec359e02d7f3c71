-- A lost FIN is sent again by the retransmission timer.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:close()
local fin = check.held { flags = "FIN,ACK" }
net.wire:drop()
check.states { [c] = "FIN_WAIT_1", [s] = "ESTABLISHED" }

local again = check.held { flags = "FIN,ACK" }
check.equal(again.raw_seq, fin.raw_seq)
net.wire:step()
check.states { [c] = "FIN_WAIT_1", [s] = "CLOSE_WAIT" }
check.eof(s)
check.held { from = "server", flags = "ACK", ack = 2 }
net.wire:step()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
