-- Each timeout without an answer doubles the retransmission timer: 200 ms, then 400 ms.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
local first = c:state { full = true }.rto
check(first >= 200, "the least timeout is 200 ms")
c:send("hello")
for n = 1, 2 do
	check.held { data = "hello" }
	net.wire:drop()
	local now
	check.within(2, function()
		now = c:state { full = true }
		return now.backoff >= n
	end)
	check.equal(now.rto, first << now.backoff)
end
net.wire:continue()
check.equal(s:recv(100), "hello")
check.within(1, function() return c:state { full = true }.backoff == 0 end)
