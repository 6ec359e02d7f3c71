-- Kills itself.
check(true)
os.execute("kill -9 $PPID")
sleep(10)
