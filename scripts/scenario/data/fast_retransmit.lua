-- Three duplicate ACKs make the sender repeat the lost segment at once, before its timer.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("nodelay", true)
net.wire:hold()
for i = 1, 5 do
	c:send("part " .. i)
end
local lost = check.held { data = "part 1" }
net.wire:drop("#" .. lost.number)
for i = 2, 5 do
	net.wire:step("#" .. check.held { data = "part " .. i }.number)
	net.wire:step("#" .. check.held { from = "server", flags = "ACK", ack = 1 }.number)
end
local again = check.held { data = "part 1" }
check.equal(again.seq, lost.seq)
check.equal(c:state { full = true }.backoff, 0)
net.wire:step("#" .. again.number)
check.held { from = "server", flags = "ACK", ack = 31 }
check.equal(s:recv("exactly", 30), "part 1part 2part 3part 4part 5")
