-- Takes away all globals.
check(true)
for name in pairs(_G) do
	_G[name] = nil
end
print("nothing is left")
