-- A SYN into a half-open connection is answered with an ACK, whose RST clears it.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80", { from = 4000 })
local s = l:accept()
net.wire:hold()
c:abort()
net.wire:drop("#" .. check.held { flags = "RST,ACK" }.number)
check.states { [c] = "CLOSED", [s] = "ESTABLISHED" }

local t = spawn(connect, net.client, "server:80", { from = 4000 })
local syn = check.held { flags = "SYN" }
net.wire:step()
check.held { from = "server", flags = "ACK" }
check.state(s, "ESTABLISHED")
net.wire:step()
check.held { from = "client", flags = "RST" }
net.wire:step()
check.fails("ECONNRESET", recv, s)

net.wire:continue()
check.seen({ flags = "SYN", raw_seq = syn.raw_seq }, syn.number, 3)
check.state(wait(t), "ESTABLISHED")
