-- The lab: lab.lua rtt N | one-way N | stream BYTES | steps N | made N, each with a device, if any.
local CHUNK = 256 * 1024
local mode, n = arg[1], math.tointeger(tonumber(arg[2]))

local function mark(...)
	io.stdout:write(string.format(...), "\n"):flush()
end

if mode == "made" then
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		lab({device = arg[3]})
		lab("off")
	end
	mark("done %d", n)
	return
end

local net = lab({device = arg[3]})
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:option("nodelay", true)

-- A byte, and whatever answers it, steps until nothing is held.
local steps = 0
local function step_all()
	while held()[1] do
		step()
		steps = steps + 1
	end
end

if mode == "rtt" or mode == "one-way" then
	for i = -n // 10, n - 1 do
		if i == 0 then
			mark("go")
		end
		c:send("x")
		s:recv()
		if mode == "rtt" then
			s:send("x")
			c:recv()
		end
	end
	mark("done %d", n)
elseif mode == "steps" then
	hold()
	for i = -n // 10, n - 1 do
		if i == 0 then
			steps = 0
			mark("go")
		end
		c:send("x")
		step_all()
		s:recv()
		s:send("x")
		step_all()
		c:recv()
	end
	mark("done %d", steps)
elseif mode == "stream" then
	local data = string.rep("x", CHUNK)
	local before
	local function pass(size)
		local got = 0
		c:send(size == CHUNK and data or data:sub(1, size))
		while got < size do
			got = got + s:recv(size - got, {discard = true})
		end
	end
	-- The kernel's buffers grow with use: what does not fit yet would wait for ever.
	for size = 14, 17 do
		for _ = 1, 10 do
			pass(1 << size)
		end
	end
	n = n // CHUNK
	for i = -n // 10, n - 1 do
		if i == 0 then
			before = wire().from.client.segments
			mark("go")
		end
		pass(CHUNK)
	end
	mark("done %d", n * CHUNK)
	mark("done %d", wire().from.client.segments - before)
end
