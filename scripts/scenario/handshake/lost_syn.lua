-- A lost SYN is sent again after one second, with the same sequence number. (slow: 1 s)
local net = lab("client", "server")
local l = net.server:listen(80)
net.wire:hold()
local t = spawn(connect, net.client, "server:80")

local first = check.held { flags = "SYN" }
net.wire:drop()
check.state(net.client.c1, "SYN_SENT")

local second = check.held({ flags = "SYN" }, 3)
check.equal(second.raw_seq, first.raw_seq)
net.wire:continue()
check.state(wait(t), "ESTABLISHED")
check.state(l:accept(), "ESTABLISHED")
