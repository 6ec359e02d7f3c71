#!/usr/bin/env tcpstep
-- server.lua [ADDR:]PORT - the server of a first socket program: one client, one answer.

local function show(step)
	print(step)
	for _, s in ipairs(state()) do
		print(("    %-5s %-12s %s  %s"):format(s.name, s.state, s.local_address, s.peer_address))
	end
end

local forever = { timeout = "off" }

local listener = listen(arg[1] or 7788, { backlog = 5 })
show("listen")

-- The kernel completes handshakes from now on; accept waits for one and hands out its socket.
local client = accept(listener, forever)
show("accept")

local data = recv(client, 1024, forever)
print("接收到的数据为: " .. (data or "(end of stream)"))
show("recv")

send(client, "thank you !")
show("send")

-- Only this connection ends: FIN goes out, and whoever sends the first FIN ends in TIME_WAIT.
close(client)
show("close the connection")

close(listener)
show("close the listener")
