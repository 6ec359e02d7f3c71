-- Slow start begins with ten segments; each ACK lets more go.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
local t = spawn(send, c, ("x"):rep(100000))
check.held { from = "client", seq = 1 + 9 * 1448, len = 1448 }
check.equal(#held(), 10)
check.equal(c:state { full = true }.cwnd, 10)

net.wire:step(2)
check.within(1, function() return #held() > 8 end)
net.wire:step("#" .. check.held { from = "server", ack = function(n) return n > 1 end }.number)
check.within(1, function() return c:state { full = true }.cwnd > 10 end)
net.wire:continue()
check.equal(#s:recv("exactly", 100000), 100000)
check.equal(wait(t), 100000)
