-- A half-open connection is found out by sending: the end that knows nothing of it answers RST.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:abort()
check.held { from = "client", flags = "RST,ACK" }
net.wire:drop()
check.states { [c] = "CLOSED", [s] = "ESTABLISHED" }
check.fails("timeout", recv, s, { timeout = 0.05 })
check.state(s, "ESTABLISHED")

s:send("are you there?")
check.held { from = "server", flags = "PSH,ACK" }
net.wire:step()
check.segment(check.held { from = "client" }, { flags = "RST", seq = 1, window = 0 })
net.wire:step()
check.state(s, "CLOSED")
check.fails("ECONNRESET", recv, s)
