-- With tcp_abort_on_overflow a handshake that finds the accept queue full is reset, not left to wait.
local net = lab("client", "server", { clock = "slow" })
net.server:sysctl("tcp_abort_on_overflow", 1)
local l = net.server:listen(80, { backlog = 1 })
net.client:connect("server:80")
check.waiting(l, "ESTABLISHED")

net.wire:hold()
local t2 = spawn(connect, net.client, "server:80")
check.within(1, function() return #held() == 1 end)
local t3 = spawn(connect, net.client, "server:80")
check.within(1, function() return #held() == 2 end)
net.wire:step(4)
local c2, c3 = wait(t2), wait(t3)
check.waiting(l, "ESTABLISHED", "SYN_RCVD", "SYN_RCVD")
check.states { [c2] = "ESTABLISHED", [c3] = "ESTABLISHED" }

net.wire:step(2)
check.waiting(l, "ESTABLISHED", "ESTABLISHED")
check.segment(check.held { from = "server" }, { flags = "RST", to_address = c3.local_address })
net.wire:step()
check.states { [c2] = "ESTABLISHED", [c3] = "CLOSED" }
check.fails("ECONNRESET", recv, c3)
