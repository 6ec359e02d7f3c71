-- Data that comes twice is reported by a SACK block below the ACK (D-SACK), unless tcp_dsack is off.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()

-- Delivers text twice; the ACK of the second.
local function twice(text)
	net.wire:hold()
	c:send(text)
	local data = check.held { data = text }
	local copy = net.wire:dup("#" .. data.number)
	net.wire:step("#" .. data.number)
	check.equal(s:recv("exactly", #text), text)
	net.wire:step("#" .. copy)
	local acks = net.wire:held()
	net.wire:continue()
	return acks[#acks]
end

local ack = check.segment(twice("12345"), { flags = "ACK", ack = 6 })
check.equal(ack.options.sack, { { left = 1, right = 6 } })
net.server:sysctl("tcp_dsack", 0)
ack = check.segment(twice("67890"), { flags = "ACK", ack = 11 })
check.equal(ack.options.sack, nil)
