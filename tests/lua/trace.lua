-- trace.lua - trace: what was on the wire, and what happened, as lists.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises = tap.test, tap.equal, tap.raises

local made, why = try(lab, "client", "server")
if not made then
	print("1..0 # SKIP " .. why.message)
	os.exit(77)
end
lab("off")

local function numbers(list)
	local out = {}
	for i, seg in ipairs(list) do out[i] = seg.number end
	return table.concat(out, " ")
end

-- fn gets a lab whose kernels send nothing again only because a busy machine was slow.
local function with_lab(fn)
	tap.with_lab(fn, "client", "server", { clock = "slow" })
end

-- A connection that the client has closed: SYN, SYN,ACK, ACK, data, ACK, FIN, ACK.
local function closed(f)
	with_lab(function(net)
		local l = net.server:listen(80)
		local c = net.client:connect("server:80")
		local s = l:accept()
		c:send("hello")
		check.equal(s:recv(5), "hello")
		check.seen { from = "server", ack = 6 }
		c:close()
		check.state(s, "CLOSE_WAIT")
		check.state(c, "FIN_WAIT_2")
		f(c, s)
	end)
end

test("without a lab there is no trace, and that is said", function()
	raises("usage", trace)
end)

test("trace gives all segments as show does, in the order of their numbers", function()
	closed(function()
		local all = trace()
		equal(numbers(all), "1 2 3 4 5 6 7")
		check.equal(all[4], show(4))
	end)
end)

test("after leaves out what came before, and that one", function()
	closed(function()
		equal(numbers(trace { after = 5 }), "6 7")
		equal(numbers(trace { after = 7 }), "")
	end)
end)

test("last counts what fits WHEN", function()
	closed(function()
		equal(numbers(trace("from server", { last = 2 })), "5 7")
		equal(numbers(trace("from client", { last = 9, after = 3 })), "4 6")
	end)
end)

test("last leaves only the last so many, after may leave fewer", function()
	closed(function()
		equal(numbers(trace { last = 2 }), "6 7")
		equal(numbers(trace { last = 200 }), "1 2 3 4 5 6 7")
		equal(numbers(trace { last = 3, after = 6 }), "7")
		equal(trace({ events = true, last = 1 })[1].number, 7)
		raises("usage", trace, { last = 0 })
	end)
end)

test("WHEN is that of continue until, in words or in one text", function()
	closed(function()
		equal(numbers(trace("FIN", "from", "client")), "6")
		equal(numbers(trace("data from client")), "4")
		equal(numbers(trace("SYN from server")), "")
		equal(numbers(trace("len > 0", { after = 4 })), "")
		tap.matches(raises("usage", trace, "FNI").message, "FNI")
	end)
end)

test("port != N in WHEN is true of segments with neither port", function()
	closed(function()
		equal(numbers(trace("port != 80")), "")
		equal(numbers(trace("port != 81")), "1 2 3 4 5 6 7")
		equal(numbers(trace("port > 80")), "1 2 3 4 5 6 7")
	end)
end)

test("what only begins with a segment's number is none, nor is one that is too large", function()
	with_lab(function()
		equal(raises("usage", show).message, "show: no segment was on the wire yet")
		hold()
		inject("from", "10.77.0.9:4000", "to", "server:80", "S 0:0(0)")
		for _, text in ipairs { "#1x", "#", "# 1", "+1", "#-1", "#4294967297", "99999999999999999999" } do
			raises("usage", show, text)
			raises("usage", drop, text)
			raises("usage", explain, text)
			raises("usage", trace, "#1x")
		end
		equal(numbers(trace("#1")), "1")
		equal(raises("usage", explain, "#2").hint, "The last one is #1.")
	end)
end)

test("the states in WHEN are those that the ends had when the segment arrived", function()
	closed(function()
		equal(numbers(trace("state server = LISTEN")), "")
		equal(numbers(trace("state server = SYN_RCVD")), "2 3")
		equal(numbers(trace("state client = FIN_WAIT_1")), "6 7")
	end)
end)

test("a held segment meets WHEN with the states of now", function()
	with_lab(function(net)
		net.server:listen(80)
		net.wire:hold()
		local t = spawn(net.client.connect, net.client, "server:80")
		check.held { flags = "SYN" }
		equal(numbers(trace("state client = SYN_SENT")), "1")
		equal(numbers(trace("state client = ESTABLISHED")), "")
		net.wire:continue()
		wait(t)
	end)
end)

test("events are in order, and each state change names its end and its segment", function()
	closed(function(c)
		local trail, sent = {}, 0
		for _, e in ipairs(trace { events = true }) do
			sent = sent + (e.event == "sent" and 1 or 0)
			if e.event == "state" and e.local_address == c.local_address then
				equal(e.host, "client")
				equal(e.peer_address, c.peer_address)
				trail[#trail + 1] = e.number .. " " .. e.before .. ">" .. e.state
			end
		end
		equal(sent, 7)
		equal(table.concat(trail, ", "), "1 CLOSED>SYN_SENT, 2 SYN_SENT>ESTABLISHED, "
			.. "6 ESTABLISHED>FIN_WAIT_1, 7 FIN_WAIT_1>FIN_WAIT_2")
		equal(trace({ events = true, after = 6 })[1].number, 7)
		raises("usage", trace, "FIN", { events = true })
	end)
end)

-- The same two addresses twice, one connection after the other.
local function twice(f)
	with_lab(function(net)
		local l = net.server:listen(80)
		local sockets = {}
		for i = 1, 2 do
			local c = net.client:connect("server:80", { from = ":4000" })
			local s = l:accept()
			sockets[#sockets + 1], sockets[#sockets + 2] = c, s
			if i == 1 then
				s:close()
				check.state(c, "CLOSE_WAIT")
				c:close()
				check.state(s, "TIME_WAIT")
			end
		end
		f(sockets, net)
	end)
end

test("of a pair that is used again each socket has its own connection", function()
	twice(function(sockets)
		for i, s in ipairs(sockets) do
			local drawn = ladder(s)
			equal(#trace("SYN"), 2)
			equal(drawn:find("#1 SYN", 1, true) ~= nil, i <= 2, i)
			equal(drawn:find(("#%d SYN"):format(trace("SYN")[2].number), 1, true) ~= nil, i > 2, i)
		end
	end)
end)

-- The states that an end went through, as "1 CLOSED>SYN_SENT"; held: one segment after the other.
local function trail(host)
	local list = {}
	for _, e in ipairs(trace { events = true }) do
		if e.event == "state" and e.host == host then
			list[#list + 1] = tostring(e.number) .. " " .. e.before .. ">" .. e.state
		end
	end
	return table.concat(list, ", ")
end

test("with a SYN cookie the server has no SYN_RCVD, nor is one told", function()
	with_lab(function(net)
		net.server:sysctl("tcp_syncookies", 2)
		net.server:listen(80)
		net.wire:hold()
		local t = spawn(connect, net.client, "server:80")
		for _, from in ipairs { "client", "server", "client" } do
			check.held { from = from }
			net.wire:step()
		end
		wait(t)
		equal(trail("server"), "3 LISTEN>ESTABLISHED")
	end)
end)

test("what an abort changes goes with its RST, though the pair is used again at once", function()
	with_lab(function(net)
		net.server:listen(80)
		net.client:connect("server:80", { from = 4000 }):abort()
		net.client:connect("server:80", { from = 4000 })
		equal(trail("client"), "1 CLOSED>SYN_SENT, 2 SYN_SENT>ESTABLISHED, 4 ESTABLISHED>CLOSED, "
			.. "5 CLOSED>SYN_SENT, 6 SYN_SENT>ESTABLISHED")
	end)
end)

test("on a held wire each segment goes with what its sender was when it sent it", function()
	with_lab(function(net)
		local l = net.server:listen(80)
		local c = net.client:connect("server:80")
		local s = l:accept()
		net.wire:hold()
		c:send("hello")
		c:shutdown()
		s:shutdown()
		net.wire:step("#" .. check.held { from = "server", flags = "FIN,ACK" }.number)
		c:abort()
		check.held { from = "client", flags = "ACK", ack = 2 }
		equal(trail("client"), "1 CLOSED>SYN_SENT, 2 SYN_SENT>ESTABLISHED, 5 ESTABLISHED>FIN_WAIT_1, "
			.. "6 FIN_WAIT_1>CLOSING, nil CLOSING>CLOSED")
		equal(trail("server"), "1 LISTEN>SYN_RCVD, 3 SYN_RCVD>ESTABLISHED, 6 ESTABLISHED>FIN_WAIT_1")
	end)
end)

tap.done()
