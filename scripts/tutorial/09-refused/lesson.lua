-- lesson.lua - RST in SYN_SENT, RST in ESTABLISHED, and no answer at all.

local function is_reset(seg)
	return type(seg) == "table" and seg.flags:find("RST", 1, true) ~= nil
end

local function is_other(seg)
	return not is_reset(seg)
end

local ACCEPTED = { host = "server", kind = "accept", is = "ESTABLISHED" }

return lesson {
	id = "refused", needs = "lab", minutes = 10,
	setup = function(net)
		-- Two copies of a SYN instead of six: 7 seconds instead of two minutes.
		net.client:sysctl("tcp_syn_retries", 2)
		net.server:listen(7788, { backlog = 5 })
	end,

	step {
		id = "refused",
		done = { error = { host = "client", command = "connect", code = "ECONNREFUSED" } },
		near = {
			connected = { connected = { host = "client" } },
			silent = { error = { host = "client", command = "connect", code = any("ETIMEDOUT", "timeout") } },
		},
		solution = { "client connect server:80" },
		wrong = {
			connected = { "client connect server:7788" },
			silent = { "client connect 10.77.0.9:80 timeout=0.2" },
		},
	},
	step {
		id = "look",
		done = { any = {
			{ called = { command = any("ladder", "trace", "explain") } },
			{ called = { command = "show", value = is_reset } },
		} },
		near = { other = { called = { command = "show", value = is_other } } },
		solution = { "ladder" },
		wrong = { other = { "show 1" }, { "state" } },
	},
	step {
		id = "accept",
		done = { accepted = { host = "server" }, state = ACCEPTED },
		near = {
			refused = { error = { host = "client", command = "connect", code = "ECONNREFUSED" } },
			closed = { accepted = { host = "server" }, not_ = { state = ACCEPTED } },
		},
		solution = { "client connect server:7788", "server accept" },
		wrong = {
			{ "client connect server:7788" },
			refused = { "client connect server:80" },
			closed = { "client connect server:7788", "close client.c1", "server accept" },
		},
	},
	predict { id = "after-abort", choices = 3, answer = 3 },
	step {
		id = "reset",
		done = { error = { host = "client", code = "ECONNRESET" } },
		near = {
			fin = { segment = { from = "server", flags = has("FIN") } },
			client = { called = { command = any("close", "abort"), host = "client" } },
			mute = { segment = { from = "server", flags = has("RST") } },
		},
		solution = { "server.s1 abort", "client.c1 recv" },
		wrong = {
			fin = { "close server.s1" },
			client = { "abort client.c1" },
			mute = { "server.s1 abort" },
		},
	},
	predict { id = "no-answer", choices = 3, answer = 2 },
	step {
		id = "silent",
		done = { error = { host = "client", command = "connect", code = "ETIMEDOUT" } },
		near = {
			connected = { connected = { host = "client" } },
			refused = { error = { host = "client", command = "connect", code = "ECONNREFUSED" } },
			stopped = { error = { host = "client", command = "connect", code = any("interrupted", "timeout") } },
		},
		solution = { "wire loss=100%", "client connect server:7788" },
		wrong = {
			{ "wire loss=100%" },
			connected = { "client connect server:7788" },
			refused = { "client connect server:80" },
			stopped = { "wire loss=100%", "client connect server:7788 timeout=0.2" },
		},
	},
}
