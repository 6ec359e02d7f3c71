-- Stops itself, as Ctrl-Z would.
check(true)
os.execute("kill -STOP $PPID")
sleep(1000)
