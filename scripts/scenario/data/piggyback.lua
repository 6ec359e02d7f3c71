-- Data that is sent in answer carries the ACK: no ACK of its own goes.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
-- A busy machine may answer more than 40 ms later, when the ACK has gone: then once more.
check.within(5, function()
	local c = net.client:connect("server:80")
	local s = l:accept()
	s:option("quickack", false)
	net.wire:hold()
	c:send("ping")
	net.wire:step("#" .. check.held { data = "ping" }.number)
	check.equal(s:recv(100), "ping")
	s:send("pong")
	check.held { from = "server", data = "pong", flags = "PSH,ACK", ack = 5 }
	local alone = not try(check.held, { from = "server", len = 0 }, 0)
	net.wire:continue()
	check.equal(c:recv(100), "pong")
	return alone
end, "an ACK of its own went")
