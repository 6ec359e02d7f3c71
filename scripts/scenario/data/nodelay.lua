-- With nodelay each small write is a segment of its own, at once.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("nodelay", true)
net.wire:hold()
c:send("a")
c:send("b")
c:send("c")
check.held { data = "a", seq = 1 }
check.held { data = "b", seq = 2 }
check.held { data = "c", seq = 3 }
net.wire:continue()
check.equal(s:recv("exactly", 3), "abc")
