-- user_timeout also ends FIN_WAIT_1, CLOSING, CLOSE_WAIT and LAST_ACK, when nothing is acknowledged.
local net = lab("client", "server")
local l = net.server:listen(80)
local function pair()
	local c = net.client:connect("server:80")
	return c, l:accept()
end
local c1, _ = pair()
local c2, s2 = pair()
local c3, s3 = pair()
local c4, s4 = pair()
c3:shutdown()
c4:shutdown()
check.states { [c3] = "FIN_WAIT_2", [s3] = "CLOSE_WAIT", [c4] = "FIN_WAIT_2", [s4] = "CLOSE_WAIT" }

net.wire:hold()
c1:shutdown()
c2:shutdown()
s2:shutdown()
net.wire:step("#" .. check.held { from_address = c2.local_address, flags = "FIN,ACK" }.number)
s3:send("never acknowledged")
s4:shutdown()
check.states { [c1] = "FIN_WAIT_1", [s2] = "CLOSING", [s3] = "CLOSE_WAIT", [s4] = "LAST_ACK" }
for _, sock in ipairs { c1, s2, s3, s4 } do
	sock:option("user_timeout", 200)
end
check.states({ [c1] = "CLOSED", [s2] = "CLOSED", [s3] = "CLOSED", [s4] = "CLOSED" }, 3)
