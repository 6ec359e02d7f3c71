-- Bulk transfer: bulk.lua both|count BYTES | source BYTES | sink|countsink PORT.
local CHUNK = 256 * 1024
local mode, number = arg[1], math.tointeger(tonumber(arg[2]))
local DISCARD = {discard = true}

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
end

-- Takes n bytes out, as strings or only counted, until they are all there.
local function take(c, n, counted)
	local got = 0
	while got < n do
		if counted then
			got = got + c:recv(n - got, DISCARD)
		else
			got = got + #c:recv(n - got)
		end
	end
end

local function listener()
	local l = listen("127.0.0.1:0")
	l:option("congestion", "reno")
	return l
end

if mode == "both" or mode == "count" then
	local l = listener()
	local c = connect(l.local_address)
	local s = l:accept()
	local data = string.rep("x", CHUNK)
	local n = number // CHUNK
	local counted = mode == "count"
	c:option("congestion", "reno")
	-- The kernel's buffers grow with use: what does not fit yet would wait for ever.
	for size = 14, 17 do
		for _ = 1, 10 do
			s:send(data:sub(1, 1 << size))
			take(c, 1 << size, counted)
		end
	end
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		s:send(data)
		take(c, CHUNK, counted)
	end
	mark("done %d", n * CHUNK)
elseif mode == "source" then
	local l = listener()
	local data = string.rep("x", 1 << 20)
	mark("%d", l.port)
	local s = l:accept({timeout = 10})
	for _ = 1, number >> 20 do
		s:send(data)
	end
	s:close()
else
	local c = connect("127.0.0.1:" .. number)
	local total = 0
	mark("go")
	if mode == "countsink" then
		local n = c:recv(1 << 20, DISCARD)
		while n do
			total = total + n
			n = c:recv(1 << 20, DISCARD)
		end
	else
		local data = c:recv()
		while data do
			total = total + #data
			data = c:recv()
		end
	end
	mark("done %d", total)
end
