-- Nagle: while a small segment is not acknowledged, the next small one waits and they go together.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:send("a")
c:send("b")
c:send("c")
local first = check.held { data = "a" }
check.equal(#held(), 1)
check.equal(c:state { full = true }.notsent, 2)

net.wire:step("#" .. first.number)
check.held { from = "server", flags = "ACK", ack = 2 }
check.equal(#held(), 1)
net.wire:step()
check.held { data = "bc", seq = 2 }
net.wire:continue()
check.equal(s:recv("exactly", 3), "abc")
