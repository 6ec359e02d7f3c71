-- Without window scaling no window is larger than 65535 bytes, however large the buffer.
local function widest(scaling)
	local net = lab("client", "server", { clock = "slow" })
	net.server:sysctl("tcp_window_scaling", scaling)
	net.server:sysctl("tcp_rmem", "4096 1000000 4000000")
	local l = net.server:listen(80)
	local c = net.client:connect("server:80")
	local s = l:accept()
	local t = spawn(send, c, ("x"):rep(1000000))
	check.equal(#s:recv("exactly", 1000000), 1000000)
	wait(t)
	local most = 0
	for _, seg in ipairs(trace()) do
		most = seg.from == "server" and seg.window > most and seg.window or most
	end
	lab("off")
	return most
end
check(widest(1) > 65535)
check(widest(0) <= 65535)
