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
net.wire:hold()
local ack = 13
-- A busy machine may look more than 40 ms later: then once more.
check.within(5, function()
	ack = ack + 4
	s:option("quickack", false)
	c:send("ping")
	net.wire:step("#" .. check.held { data = "ping" }.number)
	local delayed = not try(check.held, { from = "server" }, 0)
	net.wire:step("#" .. check.held { from = "server", flags = "ACK", len = 0, ack = ack }.number)
	check.equal(s:recv(100), "ping")
	return delayed
end, "the ACK went at once")
