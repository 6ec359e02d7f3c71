-- In SYN_RCVD a close sends FIN and goes to FIN_WAIT_1, an abort sends RST; an RST closes.
local net = lab("a", "b", { clock = "slow" })
net.wire:hold()
local function crossing(port)
	spawn(try, connect, net.a, "b:" .. port + 1, { from = port })
	local one = check.held { from = "a", flags = "SYN" }
	spawn(try, connect, net.b, "a:" .. port, { from = port + 1 })
	local two = check.held { from = "b", flags = "SYN" }
	net.wire:step("#" .. one.number)
	net.wire:step("#" .. two.number)
end

crossing(1000)
local a, b = net.a.c1, net.b.c1
check.states { [a] = "SYN_RCVD", [b] = "SYN_RCVD" }
a:close()
check.state(a, "FIN_WAIT_1")
net.wire:continue()
check.states { [a] = "FIN_WAIT_2", [b] = "CLOSE_WAIT" }

net.wire:hold()
crossing(2000)
a, b = net.a.c2, net.b.c2
check.states { [a] = "SYN_RCVD", [b] = "SYN_RCVD" }
a:abort()
check.state(a, "CLOSED")
net.wire:step("#" .. check.held { from = "a", flags = function(f) return f:find("RST") end }.number)
check.state(b, "CLOSED")
wait()
