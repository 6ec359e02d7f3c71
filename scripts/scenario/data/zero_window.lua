-- A reader who does not read closes the window: window 0, and the sender stops until it opens.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
l:option("rcvbuf", 4096)
local c = net.client:connect("server:80")
local s = l:accept()

local t = spawn(send, c, ("x"):rep(100000))
local zero = check.seen { from = "server", window = 0 }
check.within(1, function() return c:state { full = true }.snd_wnd == 0 end)
check(c:state { full = true }.sendq > 0)

check.equal(#s:recv("exactly", 100000), 100000)
check.seen({ from = "server", flags = "ACK", window = function(w) return w > 0 end }, zero.number)
check.equal(wait(t), 100000)
