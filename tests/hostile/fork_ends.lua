-- Leaves processes behind, and has itself killed.
os.execute("setsid sh -c 'sleep 1007 & sleep 1007' & kill -9 $PPID")
sleep(10)
