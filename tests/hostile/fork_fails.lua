-- Leaves processes behind, and fails.
os.execute("setsid sh -c 'trap \"\" TERM INT HUP; sleep 1007 & sleep 1007' &")
error("it fails")
