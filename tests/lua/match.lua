-- match.lua - which segments fit a table of fields.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal = tap.test, tap.equal
local match = require("tcpstep.match")

local synack = {
	number = 2, from = "server", to = "client", from_address = "10.77.0.2:80",
	to_address = "[fd77::1]:40000", flags = "SYN,ACK", seq = 0, ack = 1, raw_seq = 7, raw_ack = 9,
	window = 65160, len = 0, data = "", fate = "delivered", checksum_ok = true, injected = false,
	options = { mss = 1460, wscale = 10, sack = { { left = 1, right = 2 } } },
}
local data = {
	number = 4, from = "client", to = "server", flags = "PSH,ACK", seq = 1, ack = 1, len = 5,
	data = "hello", again = 3, fate = "held",
}

local function fits(seg, want) equal(match.fits(seg, want), true, match.text(want)) end
local function differs(seg, want) equal(match.fits(seg, want), false, match.text(want)) end

test("a table without fields fits every segment", function()
	fits(synack, {})
end)

test("all fields that are named must be equal", function()
	fits(synack, { from = "server", ack = 1 })
	differs(synack, { from = "server", ack = 2 })
end)

test("flags stand in any order and any case, but no other may be set", function()
	fits(synack, { flags = "ACK,SYN" })
	fits(synack, { flags = "syn,ack" })
	differs(synack, { flags = "SYN" })
end)

test("has: these flags are among them; this stands in the text", function()
	fits(synack, { flags = { "has", "SYN" } })
	fits(synack, { flags = match.has("ACK,SYN") })
	differs(synack, { flags = { "has", "SYN,FIN" } })
	fits(data, { data = { "has", "ell" } })
	differs(data, { data = { "has", "e.l" } })
	differs(data, { why = { "has", "loss" } })
end)

test("numbers are compared", function()
	fits(data, { len = { ">", 0 }, seq = { "<=", 1 }, ack = { "!=", 0 }, number = { "<", 5 } })
	differs(data, { len = { ">", 5 } })
	differs(data, { len = { "<", 5 } })
	fits(data, { len = { ">=", 5 } })
	fits(data, { len = { "=", 5 } })
end)

test("what cannot be compared does not fit", function()
	differs(data, { copy_of = { ">", 0 } })
	differs(data, { again = { ">", 3 } })
end)

test("not and any take what a field takes", function()
	fits(data, { flags = match.not_("SYN"), len = { "any", 0, { ">", 4 } } })
	differs(data, { flags = match.not_("ACK,PSH") })
	differs(data, { len = match.any(1, 2) })
	fits(data, { flags = { "not", { "has", "SYN" } } })
end)

test("true and false say whether a field is there", function()
	fits(data, { again = true, copy_of = false })
	differs(data, { again = false })
	fits(synack, { checksum_ok = true, injected = false, again = false })
	differs(synack, { injected = true })
end)

test("ports are those of the addresses", function()
	fits(synack, { sport = 80, dport = 40000 })
	fits(synack, { port = 80 })
	fits(synack, { port = 40000 })
	differs(synack, { port = 81 })
	differs(data, { sport = 80 })
end)

test("options are compared by what is asked for", function()
	fits(synack, { options = { mss = 1460 } })
	fits(synack, { options = { mss = { ">", 536 }, sack = { { left = 1 } } } })
	differs(synack, { options = { mss = 536 } })
	differs(data, { options = { mss = 1460 } })
end)

test("a function is given the field", function()
	fits(data, { data = function(d) return d == "hello" end })
	differs(data, { len = function(n) return n > 5 end })
end)

test("differences are told by field, in order", function()
	equal(table.concat(match.differences(synack, { flags = "SYN", ack = { ">", 1 }, port = 81,
		options = { mss = 536 }, again = true }), "\n"), [[
ack: got 1, expected > 1
again: got nil, expected true
flags: got "SYN,ACK", expected "SYN"
options: got {mss = 1460, sack = {1 = {left = 1, right = 2}}, wscale = 10}, expected {mss = 536}
port: got 80 and 40000, expected 81]])
	equal(#match.differences(synack, { ack = 1 }), 0)
end)

test("what is wanted reads as a line", function()
	equal(match.text { flags = "SYN", len = { ">", 0 }, data = match.not_("a\27b"), seq = { "any", 1, 2 } },
		[[data not "a\x1bb", flags = "SYN", len > 0, seq one of 1, 2]])
	equal(match.text { data = "你好" }, 'data = "你好"')
	equal(match.text { data = ("好"):rep(20) }, 'data = "' .. ("好"):rep(13) .. '"...')
end)

test("a misspelt field, comparison or no table is an error, not a miss", function()
	tap.fails('no field "flag"', match.fits, synack, { flag = "SYN" })
	tap.fails('len: there is no comparison "=>"', match.fits, synack, { len = { "=>", 1 } })
	tap.fails('len: there is no comparison "=>"', match.fits, synack, { len = match.not_ { "=>", 1 } })
	tap.fails('{">"} needs a value', match.differences, synack, { len = { ">" } })
	tap.fails('{"has"} needs a text', match.fits, synack, { flags = { "has", 1 } })
	tap.fails('a table of fields is expected, .* not "SYN"', match.fits, synack, "SYN")
	equal(match.mistake { flags = "SYN", len = { ">", 0 } }, nil)
end)

test("a value that no segment can have is an error, not a miss", function()
	local function wrong(want, pattern) tap.matches(match.mistake(want, { "client", "server" }), pattern) end
	wrong({ flags = "RTS" }, '^flags: there is no flag "RTS"; there are FIN SYN RST PSH ACK URG ECE CWR none$')
	wrong({ flags = { "has", "RTS" } }, 'no flag "RTS"')
	wrong({ flags = match.any("SYN", "SYN,AKC") }, 'no flag "AKC"')
	wrong({ from = "clinet" }, '^from: there is no host "clinet"; there are client server$')
	wrong({ to = match.not_("sever") }, 'no host "sever"')
	wrong({ fate = "droped" }, '^fate: there is no fate "droped"; there are held delayed delivered dropped seen$')
	wrong({ len = { ">=", "0" } }, '^len: a number is expected, not "0"$')
	wrong({ len = "0" }, '^len: a number is expected, not "0"$')
	wrong({ data = { ">", 0 } }, "^data: a text is expected, not 0$")
	wrong({ len = { "has", "0" } }, '^len: {"has"} is for texts$')
	wrong({ injected = "yes" }, '^injected: true or false is expected, not "yes"$')
	wrong({ options = { msss = { ">", 0 } } }, '^options: there is no "msss"; there are cookie mss sack sack_permitted '
		.. "tsecr tsval wscale$")
	wrong({ options = { mss = "1460" } }, "^options.mss: a number is expected")
	wrong({ options = { sack = { { lft = 1 } } } }, '^options.sack.1: there is no "lft"; there are left right$')
	wrong({ options = {} }, "^options: an empty table wants nothing$")
	wrong({ flags = {} }, "^flags: an empty table wants nothing$")
	wrong({ flags = { x = 1 } }, '^flags: a text is expected, not {x = 1}$')
end)

test("what a segment can have is no mistake, in whatever way it is wanted", function()
	for _, want in ipairs {
		{ flags = "fin,ack" }, { flags = "none" }, { flags = match.not_(match.has("CWR")) },
		{ from = "client", to = match.any("server", "-") }, { from = match.has("cli") }, { fate = match.not_("held") },
		{ options = { mss = true, sack = { { left = 1, right = { ">", 2 } } }, cookie = "" } }, { copies = true },
		{ delay = { ">", 0.5 }, again = false, len = function() end }, {},
	} do
		equal(match.mistake(want, { "client", "server", "-" }), nil)
	end
	equal(match.mistake { from = "10.0.0.1" }, nil)
end)

tap.done()
