-- Prints what a success looks like, and fails.
print("ok    tests/hostile/fake.lua   0.00 s")
print("1 scenario: 1 ok, 0 failed, 0 skipped")
io.stderr:write("ok\n")
for fd = 0, 20 do
	local file = io.open("/proc/self/fd/" .. fd, "w")
	if file then
		file:write("\3ok 1")
		file:close()
	end
end
error("it has failed all the same")
