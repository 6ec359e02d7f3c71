-- An RST that does not carry exactly the next number is doubted: a challenge ACK, and nothing ends.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()

inject { from = c.local_address, to = "server:80", flags = "RST", seq = 100 }
net.wire:step("#" .. check.held { flags = "RST" }.number)
check.segment(check.held { from = "server" }, { flags = "ACK", seq = 1, ack = 1 })
check.state(s, "ESTABLISHED")

inject { from = c.local_address, to = "server:80", flags = "RST", seq = 1 }
net.wire:step("#" .. check.held { flags = "RST" }.number)
check.state(s, "CLOSED")
check.fails("ECONNRESET", recv, s)
