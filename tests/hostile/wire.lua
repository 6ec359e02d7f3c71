-- Fails in what the wire asks.
local net = lab("client", "server")
local l = net.server:listen(80)
net.wire:on(function(seg)
	return seg.flags.nothing.at.all
end)
local c = net.client:connect("server:80")
check(c)
check(l:accept())
