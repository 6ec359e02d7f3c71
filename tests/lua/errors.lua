-- errors.lua - error objects: their fields, their texts, who raised them and where.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, pair = tap.test, tap.equal, tap.raises, tap.pair

local function refused()
	local l = listen("127.0.0.1:0")
	local port = l.port
	close(l)
	return raises("ECONNREFUSED", connect, "127.0.0.1:" .. port)
end

test("an error of the world has code, op, message, hint", function()
	local err = refused()
	equal(err.op, "connect")
	tap.matches(err.message, "^connect 127.0.0.1:%d+: connection refused %(ECONNREFUSED%)$")
	tap.matches(err.hint, "nothing listens")
	equal(err.bytes, nil)
end)

test("an error says which file and line made the call", function()
	local line = debug.getinfo(1, "l").currentline
	local _, err = try(function()
		recv(print)
	end)
	tap.matches(err.where, "errors.lua:" .. line + 2 .. "$")
	tap.matches(tostring(err), "errors.lua:" .. line + 2 .. ": recv: socket must be a socket")
end)

test("an error in a coroutine, and in a function of another file, has its own line", function()
	local f = assert(io.open("thrower.lua", "w"))
	f:write("return function()\n\n\nreturn recv(5) end\n")
	f:close()
	local _, err = try(dofile("thrower.lua"))
	tap.matches(err.where, "thrower.lua:4$")
	local line = debug.getinfo(1, "l").currentline + 1
	local ok, e = coroutine.resume(coroutine.create(function() send(print) end))
	equal(ok, false)
	tap.matches(e.where, "errors.lua:" .. line .. "$")
end)

test("an error joins with text, and can be raised again", function()
	local err = refused()
	tap.matches("failed: " .. err, "^failed: .*connection refused")
	tap.matches(err .. "!", "!$")
	local _, again = try(error, err)
	equal(rawequal(again, err), true)
end)

test("end of stream, reset and timeout are three answers", function()
	local c, s = pair()
	raises("timeout", recv, c, { timeout = 0.001 })
	close(s) equal(recv(c), nil) equal(recv(c), nil)
	close(c)
	c, s = pair()
	abort(s) raises("ECONNRESET", recv, c) raises("ECONNRESET", recv, c)
	close(c)
end)

test("a send that is stopped says how many bytes went, also as a number", function()
	local c, s = pair()
	local err = raises("timeout", send, c, ("x"):rep(1 << 25), { timeout = 0.01 })
	tap.matches(err.message, tostring(err.bytes) .. " of 33554432 bytes")
	equal(err.bytes > 0, true)
	local got = 0
	close(c)
	for data in function() return recv(s) end do got = got + #data end
	equal(got, err.bytes)
	close(s)
end)

test("a send that another task's close ends says how many bytes went", function()
	local c, s = pair()
	spawn(function() sleep(0.01) close(c) end)
	local err = raises("closed", send, c, ("x"):rep(1 << 25))
	equal(err.bytes > 0, true)
	close(s)
end)

test("misuse names the argument and what was given", function()
	local c, s = pair()
	tap.matches(raises("usage", send, c, print).message, "data must be text, not a function")
	tap.matches(raises("usage", send, c, {}, {}).message, "not a table")
	tap.matches(raises("usage", recv, {}, 1).message, "not a table")
	tap.matches(raises("usage", recv, io.stdout).message, "not a userdata")
	tap.matches(raises("usage", recv, coroutine.create(print)).message, "not a coroutine")
	tap.matches(raises("usage", recv, c, "exactly", 5, 6, 7).message, "too many arguments")
	tap.matches(raises("usage", recv, c, { timeot = 1 }).message, 'did you mean "timeout"')
	tap.matches(raises("usage", recv, c, { 5 }).message, "options are given by name")
	tap.matches(raises("usage", recv, c, { timeout = print }).message, "timeout must be")
	tap.matches(raises("usage", recv, "c999").message, "there is no socket c999")
	tap.matches(raises("usage", accept, c).message, "is a connection, not a listener")
	tap.matches(raises("usage", wait, "t999999").message, "there is no task t999999")
	tap.matches(raises("usage", wait, 7).message, "not number")
	raises("usage", wait, 1, 2)
	tap.matches(raises("usage", wait, { timeout = "x" }).message, "timeout must be")
	close(c, s)
	tap.matches(raises("closed", recv, c).message, "is closed")
	raises("closed", send, c, "x")
end)

test("a __tostring of the user is never called for arguments", function()
	local c, s = pair()
	local evil = setmetatable({}, { __tostring = function() error("called") end })
	raises("usage", send, c, evil, {})
	raises("usage", recv, c, { timeout = evil })
	raises("usage", recv, c, 1, evil, {})
	close(c, s)
end)

test("numbers, NaN and infinities where a time or a count is asked for", function()
	local c, s = pair()
	for _, v in ipairs { 0 / 0, math.huge, -math.huge, -1, 1e300 } do
		raises("usage", recv, c, { timeout = v })
		raises("usage", recv, c, v)
	end
	raises("usage", recv, c, 1.5)
	raises("usage", recv, c, 0)
	raises("usage", recv, c, math.mininteger)
	close(c, s)
end)

test("the options' texts may change while the call waits", function()
	local c, s = pair()
	local o = { hex = ("61"):rep(2000000) }
	local t = spawn(function() return send(c, nil, o) end)
	sleep(0)
	o.hex = nil
	collectgarbage() collectgarbage()
	local got = 0
	while got < 2000000 do got = got + #recv(s) end
	equal(wait(t), 2000000)
	close(c, s)
end)

tap.done()
