-- A SYN,ACK that nobody acknowledges is given up after tcp_synack_retries; the listener goes on. (slow: 1 s)
local net = lab("client", "server")
net.server:sysctl("tcp_synack_retries", 0)
local l = net.server:listen(80)
inject { from = "10.77.0.9:4000", to = "server:80", flags = "SYN" }
local answer = check.seen { from = "server", flags = "SYN,ACK" }
check.waiting(l, "SYN_RCVD")
check.within(4, function() return #state() == 1 end)
check.state(l, "LISTEN")
check(not try(show, answer.number + 1), "something came after the SYN,ACK")

inject { from = "10.77.0.9:4000", to = "server:80", flags = "ACK", seq = 1, ack = 1 }
check.seen { from = "server", flags = "RST" }
