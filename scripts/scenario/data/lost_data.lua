-- Data that is lost, with nothing behind it, is sent again by the retransmission timer.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:send("hello")
local first = check.held { data = "hello" }
net.wire:drop()

local again = check.held { data = "hello" }
check.segment(again, { seq = first.seq, again = first.number })
check(c:state { full = true }.total_retrans >= 1)
net.wire:step()
check.equal(s:recv(100), "hello")
