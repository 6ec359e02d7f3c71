-- Loops for ever.
check(true)
while true do
end
