-- A closed socket whose peer never closes leaves FIN_WAIT_2 after linger2. (slow: 1 s)
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("linger2", 1)
c:close()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
check.state(c, "CLOSED", 3)
check.state(s, "CLOSE_WAIT")

net.wire:hold()
s:close()
check.state(s, "LAST_ACK")
check.held { from = "server", flags = "FIN,ACK" }
net.wire:step()
check.segment(check.held { from = "client" }, { flags = "RST", seq = 2 })
net.wire:step()
check.state(s, "CLOSED")
