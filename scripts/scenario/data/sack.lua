-- The ACKs behind a hole say with SACK blocks what has come beyond it.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("nodelay", true)
net.wire:hold()
for _, text in ipairs { "aaaa", "bbbb", "cccc", "dddd" } do
	c:send(text)
end
local hole = check.held { data = "aaaa" }
net.wire:step("#" .. check.held { data = "bbbb" }.number)
check.held { from = "server", ack = 1, options = { sack = { { left = 5, right = 9 } } } }
net.wire:step("#" .. check.held { data = "dddd" }.number)
check.held { from = "server", ack = 1,
	options = { sack = { { left = 13, right = 17 }, { left = 5, right = 9 } } } }
net.wire:step("#" .. check.held { data = "cccc" }.number)
check.held { from = "server", ack = 1, options = { sack = { { left = 5, right = 17 } } } }

net.wire:step("#" .. hole.number)
check.equal(check.held { from = "server", ack = 17 }.options.sack, nil)
check.equal(s:recv("exactly", 16), "aaaabbbbccccdddd")
