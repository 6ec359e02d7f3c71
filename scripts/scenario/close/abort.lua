-- An abort sends RST: both ends are CLOSED at once, and nobody waits in TIME_WAIT.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

c:abort()
check.state(c, "CLOSED")
check.held { flags = "RST,ACK", seq = 1, ack = 1 }
check.state(s, "ESTABLISHED")
net.wire:step()
check.states { [c] = "CLOSED", [s] = "CLOSED" }
check.fails("ECONNRESET", recv, s)
check.fails("EPIPE", send, s, "too late")
