-- A write larger than the MSS goes as segments of at most the MSS, the last one with PSH.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:send(("x"):rep(3000))
check.held { seq = 1, len = 1448, flags = "ACK" }
check.held { seq = 1449, len = 1448 }
check.held { seq = 2897, len = 104, flags = "PSH,ACK" }
check.equal(#held(), 3)
net.wire:continue()
check.equal(#s:recv("exactly", 3000), 3000)
