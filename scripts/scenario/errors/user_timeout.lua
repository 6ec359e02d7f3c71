-- user_timeout ends a connection whose data nobody acknowledges: ETIMEDOUT, and no FIN.
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
net.wire:hold()
c:send("into the void")
local data = check.held { flags = "PSH,ACK" }
check.within(2, function() return c:state { full = true }.backoff >= 1 end)
check.state(c, "ESTABLISHED")

c:option("user_timeout", 300)
check.state(c, "CLOSED", 3)
check.fails("ETIMEDOUT", recv, c)
check.state(s, "ESTABLISHED")
check(#show(data.number).copies >= 1, "it was not sent again")
check(not try(check.held, { flags = "FIN,ACK" }, 0))
