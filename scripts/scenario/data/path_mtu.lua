-- A packet too large for the path is dropped, ICMP says so, and smaller segments go instead.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
check.equal(c:state { full = true }.pmtu, 1500)
net.wire { mtu = 1000 }
local last = check.seen { flags = "ACK", from = "client" }

c:send(("x"):rep(4000))
local lost = check.seen({ from = "client", len = 1448, seq = 1 }, last.number)
check.equal(lost.fate, "dropped")
check.seen({ from = "client", len = 948, seq = 1, fate = "delivered" }, lost.number)
check.equal(#s:recv("exactly", 4000), 4000)
check.equal(c:state { full = true }.pmtu, 1000)
check.equal(c:state { full = true }.snd_mss, 948)
