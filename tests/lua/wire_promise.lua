-- wire_promise.lua - TCP's promise: what was sent arrives, whole and in order, whatever the wire does.
-- PROMISE_MB=100 sends that much for each seed instead of 20.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local equal = tap.equal

local BLOCK = 64 << 10
local BLOCKS = (tonumber(os.getenv("PROMISE_MB")) or 20) << 4

-- FNV-1a over words of 64 bits; every bit and its place count.
local WORDS = "<" .. ("i8"):rep(128)

local function hash_add(hash, block)
	for at = 1, #block, 1024 do
		local words = { WORDS:unpack(block, at) }
		for i = 1, 128 do
			hash = (hash ~ words[i]) * 0x100000001b3
		end
	end
	return hash
end

-- A block of noise, and a number in front so that no two blocks are alike.
local function noise(seed)
	local words, x = {}, seed
	for i = 1, BLOCK / 8 - 1 do
		x = x * 6364136223846793005 + 1442695040888963407
		words[i] = ("<i8"):pack(x)
	end
	return table.concat(words)
end

local function sender(c, seed)
	local rest, hash = noise(seed), 0
	for i = 1, BLOCKS do
		local block = ("<i8"):pack(i) .. rest
		hash = hash_add(hash, block)
		c:send(block, { timeout = 60 })
	end
	c:shutdown("send")
	return hash
end

local function receiver(s)
	local hash, n = 0, 0
	while true do
		local block = s:recv("exactly", BLOCK, { timeout = 60 })
		if not block then return hash, n end
		hash, n = hash_add(hash, block), n + #block
	end
end

local function promise(seed, faults)
	local net <close> = setmetatable({ net = lab() }, { __close = function() lab("off") end })
	local l = net.net.server:listen(80)
	local c = net.net.client:connect("server:80")
	local s = l:accept()
	faults.seed = seed
	wire(faults)
	local t = spawn(sender, c, seed)
	local got, n = receiver(s)
	equal(n, BLOCKS * BLOCK)
	equal(got, wait(t))
	return wire().from.client
end

for seed = 1, 5 do
	tap.test(("%d MB arrive unchanged through loss, reordering and duplication, seed %d")
		:format(BLOCKS >> 4, seed), function()
		local w = promise(seed, { loss = "1%", reorder = "2%", duplicate = "1%" })
		equal(w.lost > 0 and w.reordered > 0 and w.duplicated > 0, true)
	end)
end

tap.test("damaged segments never get through", function()
	BLOCKS = 16
	local w = promise(6, { corrupt = "2%" })
	equal(w.corrupted > 0, true)
end)

tap.done()
