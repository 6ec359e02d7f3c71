-- PAWS: data with a timestamp older than the last one is an old copy: it is answered, and not taken.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local function sends(flags, seq, tsval, data)
	return inject { from = "10.77.0.9:4000", to = "server:80", flags = flags, seq = seq, ack = seq > 0 and 1 or nil,
		data = data, options = { tsval = tsval, tsecr = seq > 0 and show(2).options.tsval or 0 } }
end
sends("SYN", 0, 1000000)
check.seen { from = "server", flags = "SYN,ACK" }
sends("ACK", 1, 1000000)
local s = l:accept()
sends("PSH,ACK", 1, 1000010, "now")
check.equal(s:recv("exactly", 3), "now")

local old = sends("PSH,ACK", 4, 900000, "old")
check.equal(show(old).fate, "delivered")
check.seen({ from = "server", flags = "ACK", ack = 4, options = { tsecr = 1000010 } }, old)
check.equal(s:state { full = true }.recvq, 0)
sends("PSH,ACK", 4, 1000020, "new")
check.equal(s:recv("exactly", 3), "new")
