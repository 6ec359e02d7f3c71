-- Beyond tcp_max_tw_buckets there is no TIME_WAIT: the connection is gone with the peer's FIN.
local net = lab("client", "server", { clock = "slow" })
net.client:sysctl("tcp_max_tw_buckets", 1)
local l = net.server:listen(80)
local function closed()
	local c = net.client:connect("server:80")
	local s = l:accept()
	c:shutdown()
	check.eof(s)
	check.state(c, "FIN_WAIT_2")
	s:close()
	check.state(s, "CLOSED")
	return c
end
check.state(closed(), "TIME_WAIT")
check.state(closed(), "CLOSED")
