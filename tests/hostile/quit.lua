-- Ends the shell.
check(true)
quit(0)
