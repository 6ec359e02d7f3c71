-- lesson.lua - each segment of the handshake is lost once; who sends again, and after how long.

local SYN = { flags = "SYN", dport = 7788 }

return lesson {
	id = "lost", needs = "lab", minutes = 12,
	setup = function(net)
		-- Who reads for long shall not have to wait as long again. Kernels before 6.15 know no limit.
		pcall(net.client.sysctl, net.client, "tcp_rto_max_ms", 4000)
		net.client:sysctl("tcp_syn_retries", 127)
		net.server:listen(7788, { backlog = 5 })
		net.wire:hold()
	end,

	step {
		id = "lose-syn",
		-- Where one has arrived the loss of a copy is no lost SYN.
		done = { dropped = SYN, not_ = { delivered = SYN } },
		near = {
			["wrong-port"] = { segment = { from = "client", flags = "SYN", dport = not_(7788) } },
			delivered = { delivered = SYN },
		},
		solution = { "client connect server:7788", "drop" },
		wrong = {
			{ "client connect server:7788" },
			["wrong-port"] = { "client connect server:80", "drop" },
			delivered = { "client connect server:7788", "step" },
			{ "client connect server:7788", "step", "drop", "continue until SYN from client", "sleep 2", "drop" },
		},
	},
	predict { id = "after-loss", choices = 3, answer = 2 },
	step {
		id = "syn-again",
		done = { delivered = SYN },
		near = { dropped = { dropped = { flags = "SYN" } } },
		solution = { "continue until SYN,ACK from server" },
		takes = 10,
		wrong = { dropped = { "continue until SYN from client", "sleep 5", "drop" }, { "state" } },
	},
	step {
		id = "lose-syn-ack",
		done = { dropped = { flags = "SYN,ACK" } },
		near = { delivered = { any = {
			{ delivered = { flags = "SYN,ACK" } },
			{ error = { command = "drop" }, state = { host = "client", is = "ESTABLISHED" } },
		} } },
		solution = { "drop" },
		wrong = { delivered = { "step" } },
	},
	step {
		id = "syn-ack-again",
		done = { delivered = { flags = "SYN,ACK" } },
		near = { dropped = { dropped = { flags = "SYN,ACK" } } },
		solution = { "continue until ACK from client" },
		takes = 10,
		wrong = { dropped = { "continue until SYN,ACK from server", "sleep 5", "drop" }, { "state" } },
	},
	predict { id = "who-again", choices = 3, answer = 2 },
	step {
		id = "lose-ack",
		done = { dropped = { from = "client", flags = "ACK" } },
		near = { delivered = { any = {
			{ delivered = { from = "client", flags = "ACK" } },
			-- One step too many before this began.
			{ error = { command = "drop" }, state = { host = "server", kind = "waiting", is = "ESTABLISHED" } },
		} } },
		solution = { "drop" },
		wrong = { delivered = { "step" } },
	},
	step {
		id = "repair",
		done = { any = {
			{ state = { host = "server", kind = "waiting", is = "ESTABLISHED" } },
			{ accepted = { host = "server" } },
		} },
		near = { dropped = { dropped = { from = "client" } } },
		solution = { 'client.c1 send "hello"', "continue" },
		wrong = { dropped = { 'client.c1 send "hello"', "drop" }, { "state" } },
	},
}
