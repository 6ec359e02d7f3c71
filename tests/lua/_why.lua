-- _why.lua - what the tests of known patterns share: labs, and the pattern that explains a failure.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local scene, why = require("tcpstep.scene"), require("tcpstep.why")
local help = { tap = tap }

local made, missing = try(lab, "client", "server")
if not made then
	print("1..0 # SKIP " .. missing.message)
	os.exit(77)
end
lab("off")

-- A test in a lab of its own; f is given its hosts.
function help.test(claim, f, options)
	tap.test(claim, function() tap.with_lab(f, "client", "server", options or {}) end)
end

function help.pair(net)
	local l = net.server:listen(80)
	local c = net.client:connect("server:80")
	return c, l:accept(), l
end

-- f must fail. The name of the pattern that explains it, its sentence and what to try; or "silent".
function help.explain(f, ...)
	local ok, err = pcall(f, ...)
	tap.equal(ok, false, "it did not fail")
	local text, advice, name = why.find(scene.look(err))
	return name or "silent", text or tostring(err), advice
end

return help
