-- The MSS that a SYN announces is the MTU less 40 bytes, and no segment is larger than it allows.
local net = lab("client", "server", { clock = "slow", mtu = 1000 })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
check.segment(1, { flags = "SYN", options = { mss = 960 } })
check.segment(2, { flags = "SYN,ACK", options = { mss = 960 } })

net.wire:hold()
c:send(("x"):rep(2000))
check.held { len = 948, seq = 1 } -- 12 bytes of each segment are for timestamps
check.held { len = 948, seq = 949 }
check.held { len = 104, seq = 1897 }
net.wire:continue()
check.equal(#s:recv("exactly", 2000), 2000)
