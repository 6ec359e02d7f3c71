-- After a half-close the other direction goes on: data reaches the end that has sent its FIN.
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()

c:send("the question")
c:shutdown("send")
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
check.equal(s:recv("all"), "the question")

s:send("the answer, ")
s:send("in two parts")
check.equal(c:recv("exactly", 24), "the answer, in two parts")
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
check.fails("EPIPE", send, c, "one more question")

s:close()
check.eof(c)
check.states { [c] = "TIME_WAIT", [s] = "CLOSED" }
