-- A closed socket whose FIN nobody acknowledges is given up after tcp_orphan_retries. (slow: 0.6 s)
local net = lab("client", "server")
try(net.client.sysctl, net.client, "tcp_rto_min_us", 20000) -- since Linux 6.11: quicker
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:close()
local fin = check.held { flags = "FIN,ACK" }
check.state(c, "FIN_WAIT_1")
net.client:sysctl("tcp_orphan_retries", 1)
check.state(c, "CLOSED", 4)
check(#show(fin.number).copies >= 1, "it was not sent again")
check.state(s, "ESTABLISHED")
