-- Ends the process with status 0.
check(true)
pcall(os.exit, 0)
os.exit(0)
