-- lesson.lua - each segment of the handshake is lost once; who sends again, and after how long.

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
		done = { dropped = { flags = "SYN", dport = 7788 } },
		near = {
			["wrong-port"] = { segment = { from = "client", flags = "SYN", dport = not_(7788) } },
			delivered = { delivered = { flags = "SYN", dport = 7788 } },
		},
		solution = { "client connect server:7788", "drop" },
		wrong = {
			{ "client connect server:7788" },
			["wrong-port"] = { "client connect server:80", "drop" },
			delivered = { "client connect server:7788", "step" },
		},
	},
	predict { id = "after-loss", choices = 3, answer = 2 },
	step {
		id = "syn-again",
		done = { delivered = { flags = "SYN", dport = 7788 } },
		near = { dropped = { dropped = { flags = "SYN" } } },
		solution = { "continue until SYN,ACK from server" },
		wrong = { "state" },
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
		wrong = { "state" },
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
		wrong = { "state" },
	},
}
