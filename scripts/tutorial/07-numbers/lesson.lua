-- lesson.lua - what counts in sequence numbers: SYN, each byte, FIN; and what does not: an ACK.

-- The connection is needed to the end.
local early = { called = { command = any("close", "abort", "shutdown"), kind = any("connect", "accept") } }

-- The texts count five bytes of the client's, and eleven of the server's.
local function other_than(n)
	return function(len) return len > 0 and len ~= n end
end

return lesson {
	id = "numbers", needs = "lab", minutes = 10,
	setup = function(net)
		local l = net.server:listen(7788, { backlog = 5 })
		net.client:connect("server:7788")
		l:accept()
		net.wire:hold()
	end,

	step {
		id = "look",
		done = { called = { command = "trace" } },
		near = { other = { called = { command = any("ladder", "explain", "show") } } },
		solution = { "trace" },
		wrong = { other = { "ladder" }, { "state" } },
	},
	predict { id = "first-byte", choices = 3, answer = 2 },
	step {
		id = "send",
		done = { segment = { from = "client", len = 5 } },
		near = {
			server = { called = { command = "send", host = "server" } },
			length = { segment = { from = "client", len = other_than(5) } },
			early = early,
		},
		solution = { 'client.c1 send "hello"' },
		wrong = {
			server = { 'server.s1 send "hello"' },
			length = { 'client.c1 send "hello\\n"' },
			early = { "close client.c1" },
		},
	},
	predict { id = "which-ack", choices = 3, answer = 3 },
	step {
		id = "deliver",
		done = { delivered = { from = "client", len = { ">", 0 } } },
		near = {
			dropped = { dropped = { from = "client", len = { ">", 0 } } },
			-- Nagle may keep those bytes back.
			more = { called = { command = "send", host = "client" } },
			early = early,
		},
		solution = { "step" },
		wrong = { dropped = { "drop" }, early = { "close client.c1" }, more = { 'client.c1 send "more"' } },
	},
	step {
		id = "reply",
		done = { recv = { host = "client", bytes = 11 } },
		near = {
			client = { called = { command = "send", host = "client" } },
			length = { segment = { from = "server", len = other_than(11) } },
			dropped = { dropped = { from = "server", len = { ">", 0 } } },
			early = early,
		},
		solution = { 'server.s1 send "thank you !"', "step 2", "client.c1 recv" },
		wrong = {
			{ 'server.s1 send "thank you !"', "step 2" },
			client = { 'client.c1 send "thank you !"' },
			length = { 'server.s1 send "thanks"', "step 2", "client.c1 recv" },
			dropped = { 'server.s1 send "thank you !"', "step", "drop" },
			early = { "close server.s1" },
		},
	},
	predict { id = "fin-costs", choices = 3, answer = 2 },
	step {
		id = "fin",
		done = { delivered = { from = "client", flags = has("FIN") }, segment = { from = "server", flags = has("ACK") } },
		near = {
			server = { segment = { from = "server", flags = has("FIN") } },
			reset = { segment = { flags = has("RST") } },
			dropped = { dropped = { from = "client", flags = has("FIN") } },
		},
		solution = { "close client.c1", "step 2" },
		wrong = {
			{ "close client.c1", "step" },
			server = { "server.s1 recv", "close server.s1" },
			reset = { "close server.s1" },
			dropped = { "close client.c1", "step", "drop" },
		},
	},
}
