-- A sender before a closed window asks with probes, which carry no new data.
local net = lab("client", "server")
local l = net.server:listen(80)
l:option("rcvbuf", 4096)
local c = net.client:connect("server:80")
local s = l:accept()
local t = spawn(send, c, ("x"):rep(20000))
local zero = check.seen { from = "server", window = 0 }

local probe = check.seen({ from = "client", flags = "ACK", len = 0, seq = zero.ack - 1 }, zero.number, 3)
check.seen({ from = "server", flags = "ACK", window = 0, ack = zero.ack }, probe.number)
check.equal(#s:recv("exactly", 20000), 20000)
check.equal(wait(t), 20000)
