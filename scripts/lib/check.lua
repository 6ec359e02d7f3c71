-- check.lua - `check`: expectations that say, when they fail, where and by how much.
--
-- A failed check raises an error object of the program's own kind: code "check", op ("check.equal"),
-- message, hint, where (file and line of the script), expected and got; cause is the code of the error
-- that stands behind it, socket the name of the socket that it is about. What needs time is awaited,
-- not slept for: check.state and the like look again and again, until it is so or the limit is over.
-- What a user should know of it stands in `help check`.

local checking, values = require("tcpstep.checking"), require("tcpstep.values")
local check, counted, fail, misuse, await = checking.check, checking.counted, checking.fail, checking.misuse,
	checking.await
local want_socket, seconds_of, state_of = checking.socket, checking.seconds, checking.state
local seconds_text, literal = checking.seconds_text, values.literal
-- What the script does to its globals later does not matter here.
local type, next, tostring, pcall, select = type, next, tostring, pcall, select
local setmetatable, getmetatable = setmetatable, getmetatable
local sort, concat, remove, state, trace, hosts = table.sort, table.concat, table.remove, state, trace, hosts

-- Of a long list so many are told.
local TOLD = 20

---------------------------------------------------------------- plain values

setmetatable(check, {
	---Fails unless v is true (neither nil nor false). Returns v.
	__call = function(_, v, msg)
		counted()
		if not v then
			fail("check", nil, msg and checking.said(msg) or "the value is " .. tostring(v),
				{ expected = "true", got = tostring(v) })
		end
		return v
	end,
})

---Fails unless both are equal; tables are compared by what is in them. Says only what differs.
---@param got any
---@param want any
---@param msg? string
function check.equal(...)
	counted()
	local got, want, msg = ...
	if select("#", ...) < 2 then
		misuse("check.equal", ("two values are expected, got %d"):format(select("#", ...)))
	end
	local out = values.differences(got, want)
	local n = #out
	if n > TOLD then
		out[TOLD + 1] = ("(%d more differences)"):format(n - TOLD)
	end
	if n > 0 then
		fail("check.equal", msg, concat(out, "\n", 1, n > TOLD and TOLD + 1 or n),
			{ expected = want, got = got })
	end
end

---Fails unless f(...) raises an error with this code ("ECONNREFUSED", "timeout"). Returns the error.
---@param code string
---@param f function
---@return tcpstep.error
function check.fails(code, f, ...)
	counted()
	if type(code) ~= "string" or type(f) ~= "function" and not (getmetatable(f) or {}).__call then
		misuse("check.fails", 'a code and a function are expected: check.fails("EPIPE", send, c, "x")')
	end
	local ok, err = pcall(f, ...)
	local ours = not ok and type(err) == "table"
	local got = ok and "no error" or ours and err.code or tostring(err)
	if got ~= code then
		local more = ours and " (" .. tostring(err.message) .. ")" or ""
		fail("check.fails", nil, ("expected the error %s, got %s%s"):format(code, got, more),
			{ expected = code, got = got, cause = ours and err.code or nil })
	end
	return err
end

---Waits until f() gives a value that is true, and returns it; fails when it does not within so many
---seconds, or later. f is called again and again; what it calls without a timeout has no more time either.
---@generic T
---@param seconds number
---@param f fun(): T
---@param msg? string
---@return T
function check.within(seconds, f, msg)
	counted()
	if type(f) ~= "function" or type(seconds) ~= "number" then
		misuse("check.within", "seconds and a function are expected: check.within(2, function() ... end)")
	end
	local _ <close> = checking.limited(seconds)
	local v, passed = await(f, seconds)
	local late = v and checking.is_late(passed, seconds) and ("%.3g s"):format(passed)
	if not v or late then
		fail("check.within", msg, ("not within %s%s"):format(seconds_text(seconds),
			late and ": it took " .. late or ""),
			{ expected = "a true value within " .. seconds_text(seconds),
				got = late and "a true value after " .. late or tostring(v) })
	end
	return v
end

---------------------------------------------------------------- sockets

---Waits until the kernel has the socket in that state, also after close.
---@param sock tcpstep.socket
---@param want string such as "FIN_WAIT_2"
---@param seconds? number the limit, check.limit by default
function check.state(sock, want, seconds)
	counted()
	want_socket("check.state", sock)
	want, seconds = state_of("check.state", want), seconds_of("check.state", seconds)
	local got
	if not await(function()
		got = sock:state()
		return got == want
	end, seconds) then
		fail("check.state", nil, ("%s: expected %s, got %s"):format(sock.name, want, got),
			{ expected = want, got = got, socket = sock.name })
	end
end

---The same for several sockets at one moment: check.states{[c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT"}.
---@param want table<tcpstep.socket, string>
---@param seconds? number
function check.states(want, seconds)
	counted()
	if type(want) ~= "table" or next(want) == nil then
		misuse("check.states", "a table is expected: check.states{[c] = \"FIN_WAIT_2\", [s] = \"CLOSE_WAIT\"}")
	end
	local all = {}
	for sock, name in next, want do
		want_socket("check.states", sock)
		all[sock] = state_of("check.states", name)
	end
	seconds = seconds_of("check.states", seconds)
	local wrong, expected, got
	await(function()
		wrong, expected, got = {}, {}, {}
		for sock, wanted in next, all do
			local now = sock:state()
			if now ~= wanted then
				wrong[#wrong + 1] = ("%s: expected %s, got %s"):format(sock.name, wanted, now)
			end
			expected[#expected + 1] = sock.name .. " " .. wanted
			got[#got + 1] = sock.name .. " " .. now
		end
		return #wrong == 0
	end, seconds)
	if #wrong > 0 then
		sort(wrong) sort(expected) sort(got)
		fail("check.states", nil, concat(wrong, "\n"), {
			expected = concat(expected, ", "), got = concat(got, ", "),
			socket = wrong[1]:match("^(.-): "),
		})
	end
end

-- The states that a socket of the lab has passed through, in order.
local function trail_of(sock)
	local trail = {}
	for _, e in next, trace { events = true } do
		if e.event == "state" and e.host == sock.host and e.local_address == sock.local_address
			and (sock.kind == "listener" or e.peer_address == sock.peer_address) then
			trail[1] = trail[1] or e.before
			trail[#trail + 1] = e.state
		end
	end
	return trail
end

local function trail_wanted(want)
	local names = {}
	if type(want) == "string" then
		for name in want:gmatch("[^%s>]+") do
			names[#names + 1] = name ~= "-" and state_of("check.trail", name) or nil
		end
	else
		for i = 1, type(want) == "table" and #want or 0 do
			names[i] = state_of("check.trail", want[i])
		end
	end
	if #names == 0 then
		misuse("check.trail", "states are expected, as in check.trail(c, \"ESTABLISHED -> FIN_WAIT_1\")")
	end
	return concat(names, " -> ")
end

---Waits until the last states that a socket of a lab has passed through are these, up to the one it is
---in now: check.trail(c, "ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2"), or a list of them.
---@param sock tcpstep.socket
---@param want string|string[]
---@param seconds? number
function check.trail(sock, want, seconds)
	counted()
	want_socket("check.trail", sock)
	seconds = seconds_of("check.trail", seconds)
	local wanted, got = trail_wanted(want), nil
	if not await(function()
		local trail = trail_of(sock)
		got = concat(trail, " -> ")
		return (" -> " .. got):sub(-#wanted - 4) == " -> " .. wanted
	end, seconds) then
		fail("check.trail", nil, ("%s: expected %s, got %s"):format(sock.name, wanted,
			got == "" and "no change of state on the wire" or got),
			{ expected = wanted, got = got, socket = sock.name })
	end
end

---Waits until the connections that nobody has accepted yet have these states, and only they:
---check.waiting(l, "SYN_RCVD"). Without states: until none waits. A number at the end is the limit.
---@param listener tcpstep.socket
---@param ... string|number
function check.waiting(listener, ...)
	counted()
	want_socket("check.waiting", listener)
	if listener.kind ~= "listener" then
		misuse("check.waiting", ("a listener is expected, and %s is none"):format(listener.name))
	end
	local want, got = { ... }, nil
	local seconds = seconds_of("check.waiting", type(want[#want]) == "number" and remove(want) or nil)
	local row_name = "(" .. listener.name .. ")"
	for i = 1, #want do
		want[i] = state_of("check.waiting", want[i])
	end
	sort(want)
	want = concat(want, " ")
	if not await(function()
		got = {}
		for _, row in next, state() do
			if row.name == row_name then
				got[#got + 1] = row.state
			end
		end
		sort(got)
		got = concat(got, " ")
		return got == want
	end, seconds) then
		want, got = want == "" and "none" or want, got == "" and "none" or got
		fail("check.waiting", nil, ("%s: expected to wait: %s; got: %s"):format(listener.name, want, got),
			{ expected = want, got = got, socket = listener.name })
	end
end

-- "the server", when the other end is a host of the lab.
local function peer_name(sock)
	local address = (sock.peer_address or ""):match("^%[?(.-)%]?:%d+$")
	for _, host in next, hosts() do
		if address and sock.host ~= "here" and (host.address == address or host.address6 == address) then
			return "the " .. host.name
		end
	end
	return "the peer"
end

---Waits for the end of stream: fails on bytes, a reset, or when nothing comes.
---@param sock tcpstep.socket
---@param seconds? number
function check.eof(sock, seconds)
	counted()
	want_socket("check.eof", sock)
	if sock.kind == "listener" then
		misuse("check.eof", ("a connection is expected, and %s is a listener"):format(sock.name))
	end
	seconds = seconds_of("check.eof", seconds)
	local ok, got = pcall(sock.recv, sock, { timeout = seconds })
	if ok and got == nil then
		return
	end
	local peer, cause = peer_name(sock), type(got) == "table" and got.code or nil
	local what = ok and literal(got) or cause or tostring(got)
	local told = ok and values.count(#got, "byte") .. " " .. literal(got)
		or cause == "ECONNRESET" and ("RST from %s (recv raises ECONNRESET)"):format(peer)
		or cause == "timeout" and ("nothing for %s"):format(seconds_text(seconds))
		or what
	fail("check.eof", nil, ("%s: expected end of stream, got %s"):format(sock.name, what), {
		expected = ("FIN from %s (recv gives nil)"):format(peer),
		got = told, cause = cause, socket = sock.name,
	})
end

require "tcpstep.check_segments"

return check
