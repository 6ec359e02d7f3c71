-- offload.lua - the wire carries packets of 64 KiB in one piece, and nobody can tell.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal = tap.test, tap.equal

local made, why = try(lab)
if not made then
	print("1..0 # SKIP " .. why.message)
	os.exit(77)
end
lab("off")

-- No two places in it look alike.
local words = {}
for i = 1, 400000 do
	words[i] = ("%08x "):format(i * 2654435761 % (1 << 32))
end
local data = table.concat(words)

-- A connection in a lab of its own, and what fn(c, s) does with it.
local function with(options, fn)
	local net = lab(options)
	local l = net.server:listen(options.ipv6 and "[::]:80" or 80)
	local c = net.client:connect(options.ipv6 and "[fd77::2]:80" or "server:80")
	local ok, err = xpcall(fn, debug.traceback, c, l:accept())
	lab("off")
	if not ok then error(err, 0) end
end

local function send_all(c)
	c:send(data, { timeout = 60 })
	c:shutdown("send")
end

local function transfer(c, s)
	local t = spawn(send_all, c)
	local got = s:recv("all", { timeout = 60 })
	wait(t)
	equal(#got, #data)
	equal(got == data, true)
end

-- The client's data as the trace has it: whole, in order, no segment longer than most.
local function check_trace(most)
	local next_seq, longest = 1, 0
	for _, seg in ipairs(trace("data from client")) do
		equal(seg.checksum_ok, true, "checksum of #" .. seg.number)
		if not seg.again then
			equal(seg.seq, next_seq, "seq of #" .. seg.number)
			next_seq = seg.seq + seg.len
		end
		longest = math.max(longest, seg.len)
	end
	equal(next_seq, #data + 1)
	equal(longest, most)
end

for _, case in ipairs {
	{ "1448 bytes with timestamps", {}, 1448 },
	{ "1428 bytes with IPv6", { ipv6 = true }, 1428 },
	{ "535 bytes, odd, at mtu 587", { mtu = 587 }, 535 },
	{ "1448 bytes also with veth", { device = "veth" }, 1448 },
} do
	test("no segment of a long transfer is longer than " .. case[1], function()
		with(case[2], function(c, s)
			transfer(c, s)
			check_trace(case[3])
		end)
	end)
end

test("a wire that is stopped in its midst holds segments, not packets of many", function()
	with({}, function(c, s)
		local t = spawn(send_all, c)
		continue("until", "len > 0 and seq > 30000")
		while not held()[1] do sleep(0.001) end
		for _, seg in ipairs(held()) do
			equal(seg.len <= 1448, true, "len of #" .. seg.number)
		end
		local first = held()[1]
		step()
		equal(show(first.number).fate, "delivered")
		drop()
		continue()
		equal(s:recv("all", { timeout = 60 }) == data, true)
		wait(t)
	end)
end)

test("a function is asked about each segment, and what it changes is what arrives", function()
	with({}, function(c, s)
		local longest, n = 0, 0
		wire:on(function(seg)
			longest = math.max(longest, seg.len)
			if seg.from == "client" and seg.len == 1448 and n < 50 then
				n = n + 1
				seg.data = seg.data:upper()
			end
		end)
		local t = spawn(send_all, c)
		local got = s:recv("all", { timeout = 60 })
		wait(t)
		equal(longest, 1448)
		equal(n, 50)
		equal(got ~= data, true)
		equal(got:lower() == data, true)
	end)
end)

tap.done()
