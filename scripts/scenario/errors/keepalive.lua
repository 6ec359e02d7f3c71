-- A keepalive probe repeats the last byte's number without data; the peer acknowledges. (slow: 1 s)
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("keepidle", 1)
c:option("keepalive", true)
net.wire:hold()
check.held({ from = "client", flags = "ACK", seq = 0, ack = 1, len = 0 }, 3)
net.wire:step()
check.held { from = "server", flags = "ACK", seq = 1, ack = 1, len = 0 }
net.wire:step()
check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
