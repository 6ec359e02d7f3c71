-- A path that drops large packets and says nothing: tcp_mtu_probing finds out, and smaller ones go. (slow: 0.6 s)
local net = lab("client", "server")
net.client:sysctl("tcp_mtu_probing", 1)
net.client:sysctl("tcp_retries1", 1)
try(net.client.sysctl, net.client, "tcp_rto_min_us", 20000) -- since Linux 6.11: quicker
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:on(function(seg) return seg.len > 1100 and "drop" or nil end)

c:send(("x"):rep(4000))
check.seen { from = "client", len = 1448, seq = 1, fate = "dropped" }
check.seen({ from = "client", len = { "<=", 1100 }, seq = 1, fate = "delivered" }, 4, 5)
check.equal(#s:recv("exactly", 4000), 4000)
check(c:state { full = true }.snd_mss <= 1100)
check.equal(c:state { full = true }.pmtu, 1500)
