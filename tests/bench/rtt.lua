-- Round trips of one byte: rtt.lua both N | echo | ping N PORT.
local mode, n, port = arg[1], math.tointeger(tonumber(arg[2])), arg[3]

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
end

if mode == "echo" then
	local l = listen("127.0.0.1:0")
	l:option("congestion", "reno")
	mark("%d", l.port)
	local s = l:accept({timeout = 10})
	local byte = s:recv()
	while byte do
		s:send(byte)
		byte = s:recv()
	end
	return
end

local l, c, s
if mode == "both" then
	l = listen("127.0.0.1:0")
	l:option("congestion", "reno")
	c = connect(l.local_address)
	s = l:accept()
else
	c = connect("127.0.0.1:" .. port)
end
c:option("congestion", "reno")
for i = -n // 10, n - 1 do
	if i == 0 then
		mark("go")
	end
	c:send("x")
	if s then
		s:recv()
		s:send("x")
	end
	c:recv()
end
mark("done %d", n)
