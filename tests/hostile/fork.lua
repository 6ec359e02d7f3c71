-- Leaves processes behind: in the background, twice forked, in a session of their own.
check(os.execute("sleep 1007 & (sleep 1007 &) ; setsid sleep 1007 & setsid sh -c 'sleep 1007 & sleep 1007' &"))
