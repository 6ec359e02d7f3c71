-- lessons.lua - what lessons are made of: conditions, what happened, lines of so many columns.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local condition, facts, wrap = require "tcpstep.condition", require "tcpstep.facts", require "tcpstep.wrap"

-- A view of what a test says has happened.
local function seen(t)
	local function list(name) return function() return t[name] or {} end end
	return { calls = list "calls", states = list "states", segments = list "segments", held = list "held",
		rows = list "rows", moved = function(_, fate) return (t.moved or {})[fate] or {} end }
end

local function holds(cond, t)
	local yes, wrong = condition.holds(cond, seen(t))
	assert(not wrong, wrong)
	return yes
end

local function path(...)
	local out = {}
	for i, state in ipairs { ... } do
		out[i] = { socket = "client.c1", host = "client", kind = "connect", state = state }
	end
	return { states = out }
end

tap.test("trail holds when a socket came into the states in this order, others between them or not", function()
	local close = { trail = { host = "client", "FIN_WAIT_1", "TIME_WAIT" } }
	assert(holds(close, path("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT")))
	assert(not holds(close, path("TIME_WAIT", "FIN_WAIT_1")))
	assert(not holds({ trail = { host = "server", "FIN_WAIT_1" } }, path("FIN_WAIT_1")))
end)

tap.test("recv adds up what a socket has received, and knows the end of stream", function()
	local function got(value) return { command = "recv", socket = "c1", kind = "connect", value = value,
		bytes = value and #value } end
	local t = { calls = { got "thank ", got "you !" } }
	assert(holds({ recv = { data = "thank you !", bytes = 11, calls = 2 } }, t))
	assert(not holds({ recv = { eof = true } }, t))
	t.calls[3] = got(nil)
	assert(holds({ recv = { eof = true } }, t))
	assert(not holds({ recv = { kind = "accept" } }, t))
end)

tap.test("a call that failed is an error and no call", function()
	local t = { calls = { { command = "connect", code = "ECONNREFUSED" } } }
	assert(holds({ error = { code = "ECONNREFUSED" } }, t))
	assert(not holds({ called = { command = "connect" } }, t))
	assert(not holds({ connected = {} }, t))
end)

tap.test("count is about how many fit, also none", function()
	local t = { rows = { { is = "ESTABLISHED", kind = "waiting" }, { is = "ESTABLISHED", kind = "waiting" } } }
	assert(holds({ state = { kind = "waiting", count = 2 } }, t))
	assert(not holds({ state = { kind = "waiting", count = { ">", 2 } } }, t))
	assert(holds({ state = { kind = "accept", count = 0 } }, t))
end)

tap.test("all fields of a condition have to hold; any, all and not_ combine conditions", function()
	local t = { rows = { { is = "LISTEN", port = 80 } }, moved = { dropped = { { flags = "SYN", number = 1 } } } }
	local there, not_there = { listening = { port = 80 } }, { listening = { port = 81 } }
	local dropped = { dropped = { flags = "SYN" } }
	assert(holds({ listening = { port = 80 }, dropped = { flags = "SYN" } }, t))
	assert(not holds({ listening = { port = 81 }, dropped = { flags = "SYN" } }, t))
	assert(holds({ any = { not_there, dropped } }, t))
	assert(not holds({ all = { not_there, dropped } }, t))
	assert(holds({ not_ = not_there, all = { there } }, t))
	assert(holds({ test = function(view) return #view:rows() == 1 end }, t))
end)

tap.test("a function of a lesson that fails holds not, and says why", function()
	local yes, wrong = condition.holds(function() error("nix") end, seen {})
	assert(yes == false and wrong:find("nix"))
	yes, wrong = condition.holds({ called = { value = function() error("nix") end } }, seen { calls = { {} } })
	assert(yes == false and wrong:find("nix"))
end)

tap.test("what is misspelt in a condition is named with its place", function()
	local function first(cond) return condition.mistakes("done", cond)[1] or "nothing" end
	assert(first({ state = { is = "LISTEN" } }) == "nothing")
	assert(first({ stat = {} }) == 'done: there is no condition "stat"')
	assert(first({ any = { { segment = { flag = "SYN" } } } }):find('^done.any%[1%].segment: .*"flag"'))
	assert(first({ recv = { bytes = { "=>", 1 } } }):find('^done.recv.bytes: there is no comparison "=>"'))
	assert(first({ any = {} }):find("a list of conditions is expected"))
	assert(first("LISTEN"):find("a condition is expected"))
end)

tap.test("a view has only what came after its mark; a segment on the way counts when it arrives", function()
	local f = facts.new()
	f:called({ command = "send", socket = "c1", kind = "c", value = 1 })
	local mark = f:mark()
	f:called({ command = "recv", socket = "s1", kind = "s", value = "x" })
	f:look()
	local calls = f:since(mark):calls()
	assert(#calls == 1 and calls[1].command == "recv" and calls[1].kind == "accept" and calls[1].bytes == 1)
end)

tap.test("of a million calls the last ones are kept, and marks stay right", function()
	local f = facts.new()
	for i = 1, 30000 do
		f:called({ command = "send", value = i })
	end
	local mark = f:mark()
	f:called({ command = "send", value = "last" })
	local calls = f:since(mark):calls()
	assert(#calls == 1 and calls[1].value == "last")
	assert(#f.all_calls <= 20000)
end)

tap.test("a paragraph that fits stays as it was written, one that does not is set anew", function()
	local text = { "One two three", "four five.", "", "    a command that is longer than that" }
	assert(table.concat(wrap.lines(text, 40), "|") == table.concat(text, "|"))
	assert(table.concat(wrap.lines(text, 12), "|") == "One two|three four|five.||    a command that is longer than that")
end)

tap.test("Chinese breaks anywhere, but no line begins with a closing mark or ends with an opening one", function()
	local text = "\u{670d}\u{52a1}\u{5668}\u{ff0c}\u{5ba2}\u{6237}\u{7aef}\u{ff08}\u{4e3b}\u{52a8}\u{ff09}\u{3002}"
	local lines = wrap.lines({ text }, 8)
	tap.equal(lines[1], "\u{670d}\u{52a1}\u{5668}\u{ff0c}")
	for _, line in ipairs(lines) do
		assert(not line:find("^\u{ff0c}") and not line:find("^\u{3002}") and not line:find("\u{ff08}$"), line)
	end
end)

tap.test("two lines of Chinese join without a blank, two of English with one", function()
	tap.equal(table.concat(wrap.lines({ "\u{670d}\u{52a1}", "\u{76d1}\u{542c}\u{3002}" }, 6), "|"),
		"\u{670d}\u{52a1}|\u{76d1}\u{542c}\u{3002}")
	tap.equal(wrap.lines({ "\u{670d}\u{52a1}", "\u{76d1}\u{542c}\u{3002}\u{5668}" }, 7)[1], "\u{670d}\u{52a1}\u{76d1}")
	assert(table.concat(wrap.lines({ "aaa bbb", "ccc" }, 6), "|") == "aaa|bbb|ccc")
end)

tap.test("Chinese and a word on two lines join with a blank, a mark and a word without", function()
	local text = { "\u{53d8}\u{4e3a}", "CLOSED\u{3002}", "c1", "and something more" }
	tap.equal(wrap.lines(text, 15)[1], "\u{53d8}\u{4e3a} CLOSED\u{3002}c1")
end)

tap.done()
