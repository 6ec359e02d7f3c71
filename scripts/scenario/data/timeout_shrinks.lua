-- A timeout shrinks the congestion window to one segment.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
check.equal(c:state { full = true }.cwnd, 10)
net.wire:hold()
local t = spawn(send, c, ("x"):rep(14480))
check.held { seq = 1 + 9 * 1448 }
for _ = 1, 10 do
	net.wire:drop()
end
check.within(2, function() return c:state { full = true }.cwnd == 1 end)
check.held({ seq = 1, len = 1448 }, 5)
net.wire:continue()
check.equal(#s:recv("exactly", 14480), 14480)
check.equal(wait(t), 14480)
