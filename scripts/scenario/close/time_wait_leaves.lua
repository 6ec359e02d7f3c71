-- The end in TIME_WAIT may open the same pair anew itself, with a sequence number beyond the old.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80", { from = 4000 })
local s = l:accept()
c:close()
check.eof(s)
s:close()
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
local last = check.seen { from = "client", flags = "ACK", seq = 2, ack = 2 }

c = net.client:connect("server:80", { from = 4000 })
local syn = check.seen({ flags = "SYN", from = "client" }, last.number)
check(math.ult((syn.raw_seq - last.raw_seq) & 0xffffffff, 1 << 31), "the SYN's number is not higher")
check.states { [c] = "ESTABLISHED", [l:accept()] = "ESTABLISHED" }
