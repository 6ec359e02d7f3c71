-- The two SYNs agree on MSS, window scale, SACK and timestamps; later segments have timestamps only.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
local number = function(n) return n ~= nil end
local all = { mss = 1460, wscale = number, sack_permitted = true, tsval = number, tsecr = number }

local syn = check.segment(1, { flags = "SYN", options = all })
check.segment(2, { flags = "SYN,ACK", options = all })
check.equal(show(2).options.tsecr, syn.options.tsval)
local ack = check.segment(3, { flags = "ACK", options = { tsval = number } })
check.equal(ack.options.mss, nil)
check.equal(ack.options.wscale, nil)
check.equal(ack.options.sack_permitted, nil)
check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
