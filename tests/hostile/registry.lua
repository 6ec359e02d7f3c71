-- Takes the registry to pieces.
check(true)
local registry = debug.getregistry()
package.loaded.scenario, package.loaded.check = nil, nil
for name in pairs(package.preload) do
	package.preload[name] = function() return {} end
end
registry["tcpstep.error"] = nil
error("it fails")
