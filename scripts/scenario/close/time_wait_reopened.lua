-- A SYN with a higher sequence number opens a connection anew that is in TIME_WAIT.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80", { from = 4000 })
local s = l:accept()
s:close()
check.eof(c)
c:close()
check.states { [c] = "CLOSED", [s] = "TIME_WAIT" }
local last = check.seen { from = "client", flags = "FIN,ACK" }

net.wire:hold()
local t = spawn(connect, net.client, "server:80", { from = 4000 })
local syn = check.held { flags = "SYN" }
check(math.ult((syn.raw_seq - last.raw_seq) & 0xffffffff, 1 << 31), "the SYN's number is not higher")
check.state(s, "TIME_WAIT")
net.wire:step()
check.held { from = "server", flags = "SYN,ACK", ack = 1 }
net.wire:continue()
check.states { [wait(t)] = "ESTABLISHED", [l:accept()] = "ESTABLISHED" }
