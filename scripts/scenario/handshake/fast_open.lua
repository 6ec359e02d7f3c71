-- Fast Open: the first SYN asks for a cookie; with it the next SYN carries data, read before any ACK.
local net = lab("client", "server", { clock = "slow" })
net.server:sysctl("tcp_fastopen", 3)
local l = net.server:listen(80)
l:option("fastopen", 5)
net.client:connect("server:80", { fastopen = true })
l:accept()
check.segment(1, { flags = "SYN", len = 0, options = { cookie = "" } })
local cookie = check.segment(2, { flags = "SYN,ACK" }).options.cookie
check.equal(#cookie, 16)

net.wire:hold()
local c = net.client:connect("server:80", { fastopen = true })
check.equal(#held(), 0)
check.equal(c:send("early"), 5)
check.state(c, "SYN_SENT")
check.segment(check.held { from = "client" }, { flags = "SYN", data = "early", options = { cookie = cookie } })
net.wire:step()
local s = l:accept()
check.state(s, "SYN_RCVD")
check.equal(s:recv("exactly", 5), "early")
check.segment(check.held { from = "server" }, { flags = "SYN,ACK", ack = 6 })
net.wire:continue()
check.states { [c] = "ESTABLISHED", [s] = "ESTABLISHED" }
