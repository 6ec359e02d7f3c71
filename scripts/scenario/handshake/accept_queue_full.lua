-- With backlog 1 the kernel finishes two handshakes; a third SYN gets no answer at all.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80, { backlog = 1 })
net.client:connect("server:80")
net.client:connect("server:80")
check.waiting(l, "ESTABLISHED", "ESTABLISHED")

check.fails("timeout", connect, net.client, "server:80", { timeout = 0.2 })
check.waiting(l, "ESTABLISHED", "ESTABLISHED")
local syn = check.seen({ flags = "SYN", from = "client" }, 6)
check.equal(syn.fate, "delivered")
check.fails("usage", show, syn.number + 1)
