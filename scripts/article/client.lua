#!/usr/bin/env tcpstep
-- client.lua [ADDR:PORT] - the client of a first socket program: asks for a line, sends it.

local function show(step)
	print(step)
	for _, s in ipairs(state()) do
		print(("    %-5s %-12s %s  %s"):format(s.name, s.state, s.local_address, s.peer_address))
	end
end

-- SYN, SYN+ACK, ACK: when connect returns, this end is ESTABLISHED.
local server = connect(arg[1] or "127.0.0.1:7788")
show("connect")

io.write("请输入要发送的数据: ")
io.flush()
local data = io.read("l")

-- No bytes make no segment: the server would wait for ever, and so would we.
if data and data ~= "" then
	send(server, data)
	show("send")
	print("接收到的数据为: " .. (recv(server, 1024, { timeout = "off" }) or "(end of stream)"))
	show("recv")
end

close(server)
show("close")
