#!/usr/bin/env tcpstep
-- both.lua [ADDR:]PORT - server and client in one process: both ends' states after each step.

local function show(step)
	print(step)
	for _, s in ipairs(state()) do
		print(("    %-5s %-12s %s  %s"):format(s.name, s.state, s.local_address, s.peer_address))
	end
end

local listener = listen(arg[1] or "127.0.0.1:7788", { backlog = 5 })
show("listen")

-- Nobody has called accept, and yet the handshake is done: the kernel did it.
local client = connect(state(listener, { full = true }).local_address)
show("connect")

local server = accept(listener)
show("accept")

send(client, "你好")
show("the client sends")

print("接收到的数据为: " .. recv(server, 1024))
send(server, "thank you !")
print("接收到的数据为: " .. recv(client, 1024))
show("the server has answered")

-- The first FIN. Its ACK may be delayed by 40 ms: then this end is in FIN_WAIT_2, until the
-- other one, in CLOSE_WAIT, closes too.
close(server)
while state(server) == "FIN_WAIT_1" do
	sleep(0.01)
end
show("the server closes")

assert(recv(client) == nil, "the client reads end of stream")
close(client)
show("the client closes")

close(listener)
show("the listener closes")
