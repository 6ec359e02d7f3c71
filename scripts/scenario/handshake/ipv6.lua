-- The handshake over IPv6 is the same; the MSS is 20 bytes less.
local net = lab("client", "server", { ipv6 = true })
local l = net.server:listen("[::]:80")
local c = net.client:connect("[fd77::2]:80")
local s = l:accept()
check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
check.seen { flags = "SYN", seq = 0, options = { mss = 1440 } }
check.seen { flags = "SYN,ACK", seq = 0, ack = 1, options = { mss = 1440 } }
check.seen { flags = "ACK", seq = 1, ack = 1 }

c:send("over six")
check.equal(s:recv("exactly", 8), "over six")
c:close()
check.eof(s)
s:close()
check.state(c, "TIME_WAIT")
