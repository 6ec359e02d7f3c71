-- Each timeout without an answer doubles the retransmission timer: 200 ms, then 400 ms.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:send("hello")
check.held { data = "hello" }
net.wire:drop()
check.held { data = "hello" }
net.wire:drop()
local rto = c:state { full = true }.rto
check.within(1, function() return c:state { full = true }.backoff >= 1 end)
check(c:state { full = true }.rto >= 2 * 200 or rto >= 400, "the timeout was not doubled")
net.wire:continue()
check.equal(s:recv(100), "hello")
check.equal(c:state { full = true }.backoff, 0)
