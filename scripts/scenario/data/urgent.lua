-- The urgent byte is taken out of the stream, unless the reader wants it inline.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local function peer(port, inline)
	local from = "10.77.0.9:" .. port
	inject { from = from, to = "server:80", flags = "SYN", seq = 0, window = 65535 }
	inject { from = from, to = "server:80", flags = "ACK", seq = 1, ack = 1, window = 65535 }
	local s = l:accept()
	s:option("oobinline", inline)
	inject { from = from, to = "server:80", flags = "PSH,URG,ACK", seq = 1, ack = 1,
		window = 65535, urgent = 3, data = "stop" }
	return s:recv("exactly", inline and 4 or 3)
end

check.equal(peer(1000, false), "stp")
check.equal(peer(2000, true), "stop")
