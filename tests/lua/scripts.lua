-- scripts.lua - what a script finds: arguments, modules, the standard library.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal = tap.test, tap.equal

test("arg holds the script's name", function()
	tap.matches(arg[0], "scripts.lua$")
	equal(#arg, 0)
end)

test("require finds a user's module, once", function()
	local f = assert(io.open("mod_user.lua", "w"))
	f:write("local M = { n = 1 }\nfunction M.listen() return listen('127.0.0.1:0') end\nreturn M\n")
	f:close()
	local m = require("mod_user")
	equal(require("mod_user"), m)
	local l <close> = m.listen()
	equal(l.closed, false)
end)

test("a user's module may have the name of one inside the program", function()
	local f = assert(io.open("progress.lua", "w"))
	f:write("return 'mine'\n")
	f:close()
	equal(require("progress"), "mine")
	tap.fails("no module sums", package.preload["tcpstep.progress"], "sums")
end)

test("a module with a syntax error says which file and line", function()
	local f = assert(io.open("mod_bad.lua", "w"))
	f:write("x = \n\n)\n")
	f:close()
	tap.fails("mod_bad.lua:3:", require, "mod_bad")
end)

test("print and io.write keep every byte in a pipe or file", function()
	local all = {}
	for i = 0, 255 do all[#all + 1] = string.char(i) end
	all = table.concat(all)
	local name = os.tmpname()
	local f = assert(io.open(name, "wb"))
	equal(f:write(all), f)
	f:close()
	f = assert(io.open(name, "rb"))
	equal(f:read("a"), all)
	f:close()
	os.remove(name)
	equal(io.write(), io.stdout)
	equal(io.stdout:write(), io.stdout)
	tap.fails("string expected", io.write, {})
	tap.fails("string expected", print and io.stdout.write, io.stdout, {})
end)

test("print refuses a __tostring that gives no string, and passes errors on", function()
	tap.fails("must return a string", print, setmetatable({}, { __tostring = function() return {} end }))
	tap.fails("no text", print, "a", setmetatable({}, { __tostring = function() error("no text") end }))
end)

test("warn is quiet about @ words", function()
	warn("@off")
	warn("@on")
end)

test("a table as long as a million sorts, a string as long as 100 MB is made", function()
	local t = {}
	for i = 1, 1000000 do t[i] = -i end
	table.sort(t)
	equal(t[1], -1000000)
	equal(#("x"):rep(100000000), 100000000)
	tap.fails("too large", string.rep, "x", 1 << 62)
end)

tap.done()
