-- wire.lua - faults on the running wire, and a function that is asked about each segment.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local equal, raises, matches = tap.equal, tap.raises, tap.matches

-- A test in a lab of its own; l listens on server:80.
local function test(name, fn)
	tap.test(name, function()
		local net = lab()
		local ok, err = xpcall(fn, debug.traceback, net, net.server:listen(80))
		wire("off")
		lab("off")
		if not ok then error(err, 0) end
	end)
end

local function pair(net, l)
	local c = net.client:connect("server:80")
	return c, l:accept()
end

for _, bad in ipairs {
	{ "loss", "150%" }, { "loss", "-1%" }, { "loss", 0 / 0 }, { "loss", 1 / 0 }, { "loss", 10 },
	{ "loss", "0x10%" }, { "loss", "" }, { "loss", "10%%" }, { "delay", "-1" }, { "delay", "2h" },
	{ "jitter", "5ms" }, { "rate", 0 }, { "rate", "10X" }, { "mtu", 100 }, { "mtu", 1000.5 },
	{ "seed", -1 }, { "duplicate", "many" },
} do
	test(("%s=%s is a usage error and changes nothing"):format(bad[1], bad[2]), function()
		raises("usage", wire, { [bad[1]] = bad[2] })
		equal(wire().from.client.faults, "no faults")
	end)
end

test("only what is named changes, and only for the host that is named", function()
	wire { loss = "10%", delay = "20ms" }
	wire("from", "client", { loss = "off", jitter = "5ms" })
	equal(wire().from.client.faults, "delay=20ms jitter=5ms")
	equal(wire().from.server.faults, "loss=10% delay=20ms")
	wire("from", "server", "off")
	equal(wire().from.server.faults, "no faults")
	raises("usage", wire, "from", "nobody")
end)

test("a number too small for Lua to write it without an exponent is a time as well", function()
	equal(wire({ delay = 0.00005 }).from.client.faults, "delay=0.05ms")
	equal(wire({ delay = 0.000012345 }).from.client.faults, "delay=0.012345ms")
	equal(wire({ delay = 1e-30 }).from.client.faults, "no faults")
end)

test("a seed is chosen when none is given, and told", function()
	equal(wire().seed, nil)
	wire { loss = 0.1 }
	equal(math.type(wire().seed), "integer")
	equal(wire({ seed = 7 }).seed, 7)
end)

test("loss=100% loses every segment and says why", function(net)
	wire("from", "client", { loss = "100%" })
	raises("timeout", net.client.connect, net.client, "server:80", { timeout = 0.05 })
	equal(show(1).fate, "dropped")
	equal(wire().from.client.lost, 1)
	equal(wire().from.client.delivered, 0)
end)

test("what is delivered by hand on a held wire meets no fault", function(net)
	wire { loss = "100%" }
	hold()
	local t = spawn(net.client.connect, net.client, "server:80")
	sleep(0)
	for _ = 1, 3 do step() end
	wait(t)
	equal(wire().from.client.lost, 0)
end)

test("what is delayed is under way, and arrives without anybody's doing", function(net)
	wire { delay = "30ms" }
	local t = spawn(net.client.connect, net.client, "server:80")
	sleep(0)
	equal(wire().from.client.delayed, 1)
	wait(t)
	equal(show(2).fate, "delivered")
	equal(wire().from.client.delayed, 1) -- the third ACK
end)

test("what is delayed says so, and how long; what is then held does not", function(net)
	wire { delay = "10" }
	spawn(try, net.client.connect, net.client, "server:80", { timeout = 0.2 })
	sleep(0)
	equal(show(1).fate, "delayed")
	equal(show(1).delay >= 10 and show(1).delay < 11, true)
	matches(ladder(), "| DELAYED 10[%.%d]* s")
	hold()
	equal(show(1).fate, "held")
	equal(show(1).delay, nil)
	dup()
	delay()
	matches(ladder(), "| DELAYED behind #2")
	wait()
end)

test("a segment's table tells when it was sent again, or which one it repeats", function(net, l)
	local c, s = pair(net, l)
	hold()
	c:send("once")
	while #held()[1].copies == 0 do sleep(0.01) end
	equal(held()[1].copies[1] > 0.01, true)
	equal(held()[1].again, nil)
	local first = drop()
	while #held() == 0 do sleep(0.01) end
	equal(held()[1].again, first)
	equal(show(dup()).copy_of, held()[1].number)
	continue()
	equal(s:recv("exactly", 4), "once")
end)

test("to hold the wire holds what is delayed as well", function(net)
	wire { delay = "10" }
	spawn(try, net.client.connect, net.client, "server:80", { timeout = 0.2 })
	sleep(0)
	hold()
	equal(#held(), 1)
	equal(held()[1].flags, "SYN")
	equal(wire().from.client.delayed, 0)
	wait()
end)

test("a larger packet than the mtu is dropped, ICMP tells the sender, and it comes in smaller ones",
	function(net, l)
		local c, s = pair(net, l)
		wire { mtu = 1000 }
		c:send(("x"):rep(5000))
		equal(#s:recv("exactly", 5000), 5000)
		equal(wire().from.client.too_big > 0, true)
		equal(wire().from.client.lost, 0)
	end)

tap.test("in a lab with IPv6 no mtu is smaller than IPv6 needs", function()
	-- Some machines have IPv6 off.
	local net = try(lab, "client", "server", { ipv6 = true })
	if net then
		matches(raises("usage", wire, { mtu = 1279 }).message,
			"^wire: IPv6 needs an mtu of at least 1280 %(RFC 8200, 5%)$")
		equal(wire({ mtu = 1280 }).from.client.faults, "mtu=1280")
		equal(wire({ mtu = "off" }).from.client.faults, "no faults")
		lab("off")
	end
end)

test("a damaged segment is marked, and the receiver takes only the one sent again", function(net, l)
	local c, s = pair(net, l)
	wire("from", "client", { corrupt = "100%" })
	c:send("hello")
	wire { corrupt = "off" }
	equal(s:recv("exactly", 5), "hello")
	equal(wire().from.client.corrupted >= 1, true)
end)

test("duplicate=100% delivers a copy of each, and the bytes arrive once", function(net, l)
	wire { duplicate = "100%" }
	local c, s = pair(net, l)
	c:send("once")
	c:shutdown("send")
	equal(s:recv("all"), "once")
	equal(wire().from.client.duplicated, wire().from.client.segments)
end)

-- What became of each of the client's segments in an exchange where nothing is ever sent again.
local function fates(seed)
	local net = lab()
	local l = net.server:listen(80)
	local c, s = pair(net, l)
	local list = {}
	wire("from", "client", { duplicate = "50%", corrupt = "0%", seed = seed })
	for i = 1, 60 do
		c:send(tostring(i % 10))
		s:recv("exactly", 1)
		list[#list + 1] = wire().from.client.duplicated
	end
	lab("off")
	return table.concat(list, " ")
end

tap.test("the same seed gives the same fates, another seed others", function()
	local one = fates(1)
	equal(fates(1), one)
	equal(fates(2) ~= one, true)
end)

-- wire:on

test("the function sees each segment and its fields", function(net, l)
	local seen = {}
	wire:on(function(seg)
		seen[#seen + 1] = ("%s>%s %s %d %d %d"):format(seg.from, seg.to, seg.flags, seg.seq, seg.ack, seg.len)
	end)
	local c, s = pair(net, l)
	equal(seen[1], "client>server SYN 0 0 0")
	equal(seen[2], "server>client SYN,ACK 0 1 0")
	equal(seen[3], "client>server ACK 1 1 0")
	c:send("hi")
	s:recv("exactly", 2)
	equal(seen[4], "client>server PSH,ACK 1 1 2")
end)

test("what returns drop is lost, and wire:on(nil) ends it", function(net)
	wire:on(function(seg) if seg.flags == "SYN" then return "drop" end end)
	raises("timeout", net.client.connect, net.client, "server:80", { timeout = 0.05 })
	equal(show(1).fate, "dropped")
	wire:on(nil)
	equal(wire().hook, false)
	net.client:connect("server:80")
end)

test("data is rewritten, and the checksum with it", function(net, l)
	local c, s = pair(net, l)
	wire:on(function(seg) if seg.len > 0 then seg.data = seg.data:upper() end end)
	c:send("hello")
	equal(s:recv("exactly", 5), "HELLO")
end)

test("with keep_checksum the receiver refuses what was rewritten", function(net, l)
	local c, s = pair(net, l)
	local n = 0
	wire:on(function(seg)
		if seg.len > 0 and n == 0 then n, seg.data, seg.keep_checksum = 1, "HELLO", true end
	end)
	c:send("hello")
	equal(s:recv("exactly", 5), "hello")
	equal(n, 1)
end)

test("flags, numbers, window and options are rewritten by field", function(net, l)
	wire:on(function(seg)
		if seg.flags == "SYN" then seg.options = "mss 1000" end
		if seg.flags == "SYN,ACK" then
			equal(seg.options, "mss 1460")
			seg.window = 5000
		end
		if seg.len > 0 then seg.flags, seg.urgent = "PSH,URG,ACK", 1 end
	end)
	local c = pair(net, l)
	c:send("x")
	wire()
	equal(show(1).flags, "SYN")
	equal(show(2).window, 5000)
	equal(show(4).flags, "PSH,ACK,URG")
end)

test("step with nothing held names a delayed ACK before the timers, as long as one may be due", function(net, l)
	local c, s = pair(net, l)
	local hint, sent
	hold()
	-- On a busy machine the ACK may have come first.
	for _ = 1, 20 do
		s:option("quickack", false)
		c:send("x")
		sent = step()
		local _, err = try(step)
		if err then
			hint = err.hint
			break
		end
	end
	matches(hint, "^Awaited: perhaps an ACK of #" .. sent .. " from server, delayed by up to 200 ms,\n" ..
		"client .- retransmits in .*\nor a connect, send or close of yours")
	equal(check.held({ from = "server" }).flags, "ACK")
	step()
	equal(select(2, try(step)).hint:find("ACK"), nil)
end)

test("hold stops the wire before that segment", function(net)
	wire:on(function(seg) if seg.flags == "SYN,ACK" then return "hold" end end)
	local t = spawn(net.client.connect, net.client, "server:80")
	while #held() == 0 do sleep(0.001) end
	equal(held()[1].flags, "SYN,ACK")
	wire:on(nil)
	continue()
	wait(t)
end)

test("dup delivers it twice", function(net, l)
	wire:on(function(seg) if seg.len > 0 then return "dup" end end)
	local c, s = pair(net, l)
	c:send("x")
	equal(s:recv("exactly", 1), "x")
	equal(wire().from.client.duplicated, 1)
end)

test("a copy of a segment behind which the wire has stopped is held", function(net)
	for _, twice in ipairs { { duplicate = "100%" }, { duplicate = "off" } } do
		wire(twice)
		wire:on(twice.duplicate == "off" and function() return "dup" end or nil)
		continue("until", "state server = SYN_RCVD")
		local t = spawn(net.client.connect, net.client, "server:80")
		while wire().running do sleep(0.001) end
		local copy = held()[1]
		equal(copy.flags, "SYN")
		equal(show(copy.copy_of).fate, "delivered")
		wire("off")
		continue()
		wait(t)
	end
end)

test("a segment that was kept is dead once the function has returned", function(net)
	local kept
	wire:on(function(seg) kept = seg end)
	net.client:connect("server:80")
	tap.fails("only while the function", function() return kept.seq end)
	tap.fails("only while the function", function() kept.seq = 1 end)
end)

test("the lab cannot end inside the function, and the wire can be changed there", function(net)
	local err
	wire:on(function()
		err = select(2, try(lab, "off"))
		wire("off")
	end)
	net.client:connect("server:80")
	equal(err.code, "usage")
	equal(wire().hook, false)
end)

test("the lab cannot end inside the function either when the segment was injected", function()
	local err
	wire:on(function() err = select(2, try(lab, "off")) end)
	inject("from", "10.77.0.9:4000", "to", "server:80", "S 0:0(0)")
	equal(err.code, "usage")
	equal(show(1).fate, "delivered")
end)

test("the function cannot wait", function(net)
	local err
	wire:on(function() err = select(2, try(sleep, 0.01)) end)
	net.client:connect("server:80")
	equal(err.code, "usage")
	matches(err.message, "would have to wait here")
end)

test("SACK blocks count from where ack does, read and written", function(net, l)
	local c, s = pair(net, l)
	local lost, read
	wire:on(function(seg)
		if seg.from == "client" and seg.seq == 1 and seg.len > 0 and not lost then
			lost = true
			return "drop"
		end
		if seg.from == "server" and seg.options:find("sack") and not read then
			read = seg.options
			seg.options = "sack 6:11"
		end
	end)
	c:send("hello")
	c:send("world")
	equal(s:recv("exactly", 10), "helloworld")
	wire:on(nil)
	matches(read, "sack 6:11")
	for _, seg in ipairs(trace()) do
		if seg.altered then
			equal(seg.options.sack[1].left, 6)
			equal(seg.options.sack[1].right, 11)
			return
		end
	end
	error("no segment was altered")
end)

test("wire:on takes a function or nil", function()
	raises("usage", function() wire:on("drop") end)
	raises("usage", function() wire:on(5) end)
end)

-- what comes from nobody's address

local ghost = { from = "10.77.0.9:4000", to = "server:80" }

test("an injected segment of a ghost meets the faults that both ways have, and those of ghosts", function()
	wire { loss = "100%" }
	equal(show(inject("S 0:0(0)", ghost)).why, "loss 100 %")
	equal(wire().from.ghosts.lost, 1)
	wire("from", "ghosts", { loss = "off" })
	equal(wire().from.ghosts.faults, "no faults")
	equal(show(inject("S 0:0(0)", ghost)).fate, "delivered")
	wire("off")
	wire("from", "ghosts", { delay = "10" })
	equal(show(inject("S 0:0(0)", ghost)).fate, "delayed")
	equal(wire().from.client.faults, "no faults")
	wire("off")
	equal(wire().from.ghosts.faults, "no faults")
end)

test("a ghost's segment that is too big is dropped, and nobody is told", function()
	wire { mtu = 1000 }
	local n = inject(". 0:1400(1400)", ghost)
	equal(show(n).why, "larger than mtu 1000")
	equal(wire().from.ghosts.too_big, 1)
end)

test("wire:on is asked about a ghost's segment, and may change or drop it", function()
	local from
	wire:on(function(seg)
		from = from or seg.from .. " " .. seg.from_address
		if seg.from == "-" then return "drop" end
	end)
	equal(show(inject("S 0:0(0)", ghost)).fate, "dropped")
	equal(from, "- 10.77.0.9:4000")
end)

test("the hosts alone are listed until a ghost has sent something", function()
	equal(wire().from.ghosts, nil)
	equal(wire({ loss = 0.1 }).from.ghosts, nil)
	raises("usage", wire, "from", "ghost")
end)

test("the ghosts are listed, too, when they have faults that a host has not", function()
	equal(wire("from", "ghosts", { loss = "50%" }).from.ghosts.faults, "loss=50%")
	equal(wire("from", "client", { loss = "50%" }).from.ghosts.faults, "loss=50%")
	equal(wire("from", "server", { loss = "50%" }).from.ghosts, nil)
	equal(wire("off").from.ghosts, nil)
end)

-- continue until, with a function

test("continue until a function says so: the wire stops before that segment", function(net)
	local seen
	hold()
	local t = spawn(net.client.connect, net.client, "server:80")
	while #held() == 0 do sleep(0.001) end
	continue("until", function(seg)
		seen = seen or ("%s>%s %s %d"):format(seg.from, seg.to, seg.flags, seg.number)
		return seg.flags == "SYN,ACK"
	end)
	while wire().running do sleep(0.001) end
	equal(seen, "client>server SYN 1")
	equal(held()[1].flags, "SYN,ACK")
	continue(function(seg) return seg.flags == "ACK" end)
	equal(held()[1].flags, "ACK")
	net.wire:continue()
	wait(t)
	equal(wire().running, true)
end)

test("a condition that fails is told once and stops the wire there", function(net)
	continue("until", function() error("no luck") end)
	local t = spawn(net.client.connect, net.client, "server:80")
	while wire().running do sleep(0.001) end
	equal(held()[1].number, 1)
	continue()
	wait(t)
end)

test("a condition cannot change a segment, nor end the lab, and may hold the wire itself", function(net)
	local failed, err
	continue(function(seg)
		failed = not pcall(function() seg.seq = 7 end)
		err = select(2, try(lab, "off"))
		hold()
	end)
	local t = spawn(net.client.connect, net.client, "server:80")
	while wire().running do sleep(0.001) end
	equal(failed, true)
	equal(err.code, "usage")
	equal(#held(), 1)
	continue()
	wait(t)
end)

test("a condition may step while it is asked about what is held, and nothing is delivered twice", function(net)
	hold()
	local t = spawn(net.client.connect, net.client, "server:80")
	while #held() == 0 do sleep(0.001) end
	dup()
	local first = true
	continue(function()
		if first then
			first = false
			hold()
			step()
		end
	end)
	continue()
	wait(t)
	equal(wire().from.client.delivered <= wire().from.client.segments + 1, true)
	equal(show(1).fate, "delivered")
end)

test("a new condition, or the end of the lab, forgets the one before", function(net)
	local kept = setmetatable({}, { __mode = "k" })
	do
		local f = function() return false end
		kept[f] = true
		continue(f)
	end
	collectgarbage()
	equal(next(kept) ~= nil, true)
	continue(function() return false end)
	collectgarbage()
	equal(next(kept), nil)
	net.client:connect("server:80")
end)

test("what is no condition is a usage error", function()
	raises("usage", continue, 5, function() end)
	raises("usage", continue, "until", {})
	raises("usage", continue, "until", function() end, "FIN")
	raises("usage", continue, "until", "FIN and")
	raises("usage", continue, "until", "FIN and and SYN")
end)

tap.done()
