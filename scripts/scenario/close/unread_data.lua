-- A close with unread data sends RST in place of FIN, to say that data was lost.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()

c:send("hello")
check.within(1, function() return s:state { full = true }.recvq == 5 end)
net.wire:hold()
s:close()
check.state(s, "CLOSED")
check.segment(check.held { from = "server" }, { flags = "RST,ACK", len = 0 })
net.wire:step()
check.states { [c] = "CLOSED", [s] = "CLOSED" }
check.fails("ECONNRESET", recv, c)
