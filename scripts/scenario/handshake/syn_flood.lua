-- Without SYN cookies, SYNs of senders that are not there fill the queue: the next client gets no answer.
local net = lab("client", "server", { clock = "slow" })
net.server:sysctl("tcp_syncookies", 0)
local l = net.server:listen(80, { backlog = 3 })
for i = 1, 4 do
	inject { from = "10.77.0.9:" .. 4000 + i, to = "server:80", flags = "SYN" }
	check.seen { to_address = "10.77.0.9:" .. 4000 + i, flags = "SYN,ACK" }
end
check.waiting(l, "SYN_RCVD", "SYN_RCVD", "SYN_RCVD", "SYN_RCVD")

check.fails("timeout", connect, net.client, "server:80", { timeout = 0.2 })
local syn = check.seen { from = "client", flags = "SYN" }
check.equal(syn.fate, "delivered")
check(not try(show, syn.number + 1), "something came after the SYN")
check.waiting(l, "SYN_RCVD", "SYN_RCVD", "SYN_RCVD", "SYN_RCVD")

inject { from = "10.77.0.9:4001", to = "server:80", flags = "RST", seq = 1 }
check.waiting(l, "SYN_RCVD", "SYN_RCVD", "SYN_RCVD")
check.state(net.client:connect("server:80"), "ESTABLISHED")
