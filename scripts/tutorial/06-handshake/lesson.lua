-- lesson.lua - the three-way handshake, one segment at a time.

-- The view of the client's SYN, where its number stands as it is.
local function is_syn(seg)
	return type(seg) == "table" and seg.from == "client" and seg.flags == "SYN"
		and seg.to_address:match(":7788$") ~= nil
end

local function is_other(seg)
	return not is_syn(seg)
end

-- It arrives, and the wire holds what comes of it; on one that runs all is over in a moment.
local function arrives(segment)
	return { delivered = segment, held = { port = 7788 } }
end

local function rushes(segment)
	return { all = { { delivered = segment }, { delivered = { flags = "ACK", dport = 7788 } } } }
end

local SYN, SYN_ACK = { flags = "SYN", dport = 7788 }, { flags = "SYN,ACK", sport = 7788 }

return lesson {
	id = "handshake", needs = "lab", minutes = 10,
	setup = function(net)
		net.server:listen(7788, { backlog = 5 })
		net.wire:hold()
	end,

	step {
		id = "connect",
		done = { segment = { from = "client", flags = "SYN", dport = 7788 } },
		near = {
			["wrong-port"] = { segment = { from = "client", flags = "SYN", dport = not_(7788) } },
			["wrong-host"] = { segment = { from = "server", flags = "SYN" } },
		},
		solution = { "client connect server:7788" },
		wrong = {
			["wrong-port"] = { "client connect server:80" },
			["wrong-host"] = { "server connect client:7788" },
		},
	},
	step {
		id = "look",
		done = { called = { command = "show", value = is_syn } },
		near = { other = { any = {
			{ called = { command = "show", value = is_other } },
			{ called = { command = any("explain", "held", "ladder", "trace") } },
		} } },
		solution = { "show 1" },
		wrong = { other = { "held" }, { "state" } },
	},
	predict { id = "after-syn", choices = 3, answer = 2 },
	step {
		id = "deliver-syn",
		done = arrives(SYN),
		near = { dropped = { dropped = { flags = "SYN" } }, ran = rushes(SYN) },
		solution = { "step" },
		wrong = { dropped = { "drop" }, ran = { "continue" } },
	},
	step {
		id = "deliver-syn-ack",
		done = arrives(SYN_ACK),
		near = { dropped = { dropped = { flags = "SYN,ACK" } }, ran = rushes(SYN_ACK) },
		solution = { "step" },
		wrong = { dropped = { "drop" }, ran = { "continue" } },
	},
	step {
		id = "deliver-ack",
		done = { delivered = { flags = "ACK", dport = 7788 } },
		near = { dropped = { dropped = { flags = "ACK" } } },
		solution = { "step" },
		wrong = { dropped = { "drop" } },
	},
}
