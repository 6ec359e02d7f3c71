-- ECN: both SYNs agree, data is marked, and congestion that a router met comes back as ECE, then CWR.
local net = lab("client", "server", { clock = "slow" })
net.client:sysctl("tcp_ecn", 1) -- the server's 2 means: when asked
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
check.segment(1, { flags = "SYN,ECE,CWR", ecn = 0 })
check.segment(2, { flags = "SYN,ACK,ECE", ecn = 0 })
check.segment(3, { flags = "ACK", ecn = 0 })

local capable
net.wire:on(function(seg)
	if seg.len > 0 and not capable then
		capable, seg.ecn = seg.ecn, 3
	end
end)
c:send("one")
check.equal(s:recv("exactly", 3), "one")
check.equal(capable, 2)
local echo = check.seen { from = "server", flags = "ACK,ECE", ack = 4 }
c:send("two")
check.seen({ from = "client", flags = "PSH,ACK,CWR", data = "two" }, echo.number)
check.equal(s:recv("exactly", 3), "two")
c:send("three")
local last = check.seen { from = "client", flags = "PSH,ACK", data = "three" }
check.seen({ from = "server", flags = "ACK", ack = 12 }, last.number)
