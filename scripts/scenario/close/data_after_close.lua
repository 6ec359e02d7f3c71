-- Data for an end that was closed, not half-closed, is answered with RST.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()

c:close()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
net.wire:hold()
s:send("is anybody there?")
check.held { from = "server", flags = "PSH,ACK" }
net.wire:step()
check.segment(check.held { from = "client" }, { flags = "RST", seq = 2 })
check.states { [c] = "CLOSED", [s] = "CLOSE_WAIT" }
net.wire:step()
check.states { [c] = "CLOSED", [s] = "CLOSED" }
check.fails("EPIPE", send, s, "hello?")
