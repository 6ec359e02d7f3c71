-- A segment with a wrong bit fails its checksum: it is not acknowledged, and comes again.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire { corrupt = "100%", seed = 1 }
c:send("hello")
local bad = check.seen { from = "client", len = 5 }
check.equal(bad.checksum_ok, false)
check.equal(bad.fate, "delivered")
net.wire { corrupt = "off" }

check.seen({ from = "client", data = "hello", seq = 1, checksum_ok = true }, bad.number)
check.equal(s:recv("exactly", 5), "hello")
