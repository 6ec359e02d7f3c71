-- Data that comes twice is delivered once, and acknowledged twice.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:option("nodelay", true)
c:send("hello")
check.held { data = "hello" }
net.wire:dup()
net.wire:step()
check.equal(s:recv(100), "hello")
local ack = check.held { from = "server", ack = 6 }
net.wire:drop("#" .. ack.number)

net.wire:step()
check.segment(check.held { from = "server" }, { flags = "ACK", ack = 6 })
check.fails("timeout", recv, s, { timeout = 0.02 })
