-- An end that talks delays its ACK by some 40 ms, in the hope of data to send it with.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("nodelay", true)
for _ = 1, 3 do
	c:send("ping")
	s:recv("exactly", 4)
	s:send("pong")
	c:recv("exactly", 4)
end
s:option("quickack", false)
net.wire:hold()
c:send("ping")
net.wire:step("#" .. check.held { data = "ping" }.number)
check.equal(#held(), 0, "the ACK went at once")
check.held { from = "server", flags = "ACK", len = 0, ack = 17 }
check.equal(s:recv(100), "ping")
