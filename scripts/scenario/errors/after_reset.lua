-- After an RST recv says ECONNRESET, and every send EPIPE.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
s:abort()
check.states { [c] = "CLOSED", [s] = "CLOSED" }
check.fails("ECONNRESET", recv, c)
for _ = 1, 3 do
	check.fails("EPIPE", send, c, "x")
end
