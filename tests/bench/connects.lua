-- Connections made, accepted, reset and closed: connects.lua N.
local n = math.tointeger(tonumber(arg[1]))
local l = listen("127.0.0.1:0")
local at = l.local_address

l:option("congestion", "reno")
for i = -n // 10, n - 1 do
	if i == 0 then
		io.stdout:write("go\n"):flush()
	end
	local c = connect(at)
	local s = l:accept()
	c:abort()
	s:close()
end
io.stdout:write("done ", n, "\n"):flush()
