-- An RST closes the other end from CLOSE_WAIT, FIN_WAIT_1 and FIN_WAIT_2 too, without TIME_WAIT.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local function pair()
	local c = net.client:connect("server:80")
	return c, l:accept()
end

local c, s = pair()
c:shutdown()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
c:abort()
check.states { [c] = "CLOSED", [s] = "CLOSED" }

c, s = pair()
c:shutdown()
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
s:abort()
check.states { [c] = "CLOSED", [s] = "CLOSED" }

c, s = pair()
net.wire:hold()
c:shutdown()
local fin = check.held { flags = "FIN,ACK" }
s:abort()
check.states { [c] = "FIN_WAIT_1", [s] = "CLOSED" }
net.wire:drop("#" .. fin.number)
net.wire:step()
check.states { [c] = "CLOSED", [s] = "CLOSED" }
