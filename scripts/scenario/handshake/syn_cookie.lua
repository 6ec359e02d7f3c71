-- When too many are in SYN_RCVD, the answer is a SYN cookie: the server keeps nothing of that client.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80, { backlog = 1 })
net.wire:hold()
for _ = 1, 3 do
	spawn(try, connect, net.client, "server:80")
end
check.within(1, function() return #held() == 3 end)
for n = 1, 3 do
	net.wire:step("#" .. n)
end
check.equal(#held(), 3)
check.waiting(l, "SYN_RCVD", "SYN_RCVD")

local cookie = check.segment(held()[3], { flags = "SYN,ACK" })
net.wire:step("#" .. cookie.number)
net.wire:step("#" .. check.held { from = "client", flags = "ACK" }.number)
check.waiting(l, "ESTABLISHED", "SYN_RCVD", "SYN_RCVD")
check.equal(l:accept().peer_address, cookie.to_address)
net.wire:continue()
wait()
