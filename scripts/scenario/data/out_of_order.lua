-- Data that overtakes other data is kept, and read in order.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:option("nodelay", true)
c:send("first ")
c:send("second ")
c:send("third")
local one = check.held { data = "first " }
local two = check.held { data = "second " }
local three = check.held { data = "third" }

net.wire:step("#" .. three.number)
net.wire:step("#" .. two.number)
check.fails("timeout", recv, s, { timeout = 0.02 })
check.held { from = "server", flags = "ACK", ack = 1 }
net.wire:step("#" .. one.number)
check.held { from = "server", flags = "ACK", ack = 19 }
check.equal(s:recv("exactly", 18), "first second third")
