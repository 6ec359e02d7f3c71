-- lesson.lua - a close with unread data sends RST instead of FIN.

local function arrived(n)
	return n and n > 0
end

-- It sends RST always.
local ABORTED = { called = { command = "abort" } }

return lesson {
	id = "unread", needs = "lab", minutes = 8,
	setup = function(net)
		local l = net.server:listen(7788, { backlog = 5 })
		net.client:connect("server:7788")
		l:accept()
	end,

	step {
		id = "send",
		done = { state = { host = "server", kind = "accept", recvq = arrived } },
		near = { server = { called = { command = "send", kind = "accept" } } },
		solution = { 'send client.c1 "hello"' },
		wrong = { server = { 'send server.s1 "hello"' }, { "state" } },
	},
	predict { id = "what-goes", choices = 3, answer = 2 },
	step {
		id = "close",
		setup = function(net) net.wire:hold() end,
		done = {
			segment = { from = "server", flags = has("RST") },
			called = { command = "close", kind = "accept" },
			not_ = ABORTED,
		},
		near = {
			read = {
				recv = { kind = "accept", bytes = { ">", 0 } },
				state = { host = "server", kind = "accept", recvq = 0 },
			},
			client = { segment = { from = "client", flags = has("FIN") } },
			abort = ABORTED,
		},
		solution = { "close server.s1" },
		wrong = {
			read = { "recv server.s1", "close server.s1" },
			client = { "close client.c1" },
			abort = { "abort server.s1", "close server.s1" },
			{ "shutdown server.s1" },
		},
	},
	step {
		id = "deliver",
		done = { delivered = { from = "server", flags = has("RST") } },
		near = { dropped = { dropped = { from = "server", flags = has("RST") } } },
		solution = { "step" },
		wrong = { dropped = { "drop" }, { "state" } },
	},
	step {
		id = "error",
		done = { error = { command = any("recv", "send"), kind = "connect", code = "ECONNRESET" } },
		near = { gone = { called = { command = any("close", "abort"), kind = "connect" } } },
		solution = { "recv client.c1" },
		wrong = { gone = { "close client.c1" }, { "state" } },
	},
	step {
		id = "right",
		setup = function(net)
			net.wire:continue()
			local c = net.client:connect("server:7788")
			net.server:accept()
			c:send("hello")
		end,
		done = {
			recv = { kind = "accept", bytes = { ">", 0 } },
			trail = { host = "server", "FIN_WAIT_2" },
		},
		near = {
			again = { segment = { from = "server", flags = has("RST") }, not_ = ABORTED },
			abort = ABORTED,
			client = { trail = { host = "client", "FIN_WAIT_2" } },
		},
		solution = { "recv server.s2", "close server.s2" },
		wrong = {
			again = { "close server.s2" },
			abort = { "recv server.s2", "abort server.s2" },
			client = { "recv server.s2", "close client.c2" },
			{ "recv server.s2" },
			{ "shutdown server.s2" },
		},
	},
}
