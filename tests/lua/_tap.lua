-- _tap.lua - TAP for the tests in this directory: each test is a claim and a function.
local tap = { n = 0 }

local function show(v)
	return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

function tap.equal(got, want, what)
	if got ~= want then
		error(("%sgot %s, expected %s"):format(what and what .. ": " or "", show(got), show(want)), 2)
	end
end

function tap.matches(text, pattern)
	if not tostring(text):find(pattern) then
		error(("%s does not match %s"):format(show(text), show(pattern)), 2)
	end
end

-- fn raises an error object with that code; returns it.
function tap.raises(code, fn, ...)
	local r, err = try(fn, ...)
	if err == nil then
		error(("no error was raised, expected %s; got %s"):format(code, show(r)), 2)
	end
	if type(err) ~= "table" or err.code ~= code then
		error(("expected the error %s, got %s"):format(code, show(err)), 2)
	end
	return err
end

-- fn raises an error whose text matches; returns it.
function tap.fails(pattern, fn, ...)
	local ok, err = pcall(fn, ...)
	if ok then
		error("no error was raised, expected " .. pattern, 2)
	end
	tap.matches(err, pattern)
	return err
end

-- A listener, and a connected pair.
function tap.pair()
	local l <close> = listen("127.0.0.1:0")
	local c = connect("127.0.0.1:" .. l.port)
	return c, accept(l)
end

-- fn gets a lab made with these arguments, which is gone afterwards, however fn ends.
function tap.with_lab(fn, ...)
	local net = lab(...)
	local ok, err = xpcall(fn, function(e) return debug.traceback(tostring(e), 2) end, net)
	try(lab, "off")
	if not ok then
		error(err, 0)
	end
end

function tap.test(name, fn)
	local trace
	local ok, err = xpcall(fn, function(e)
		trace = debug.traceback(tostring(e), 2)
		return e
	end)
	tap.n = tap.n + 1
	io.stdout:write(ok and "ok " or "not ok ", tap.n, " - ", name, "\n")
	if not ok then
		io.stdout:write("# ", ((trace or tostring(err)):gsub("\n", "\n# ")), "\n")
	end
	io.stdout:flush()
end

function tap.done()
	io.stdout:write("1..", tap.n, "\n")
end

return tap
