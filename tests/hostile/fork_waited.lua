-- Is waited for by a pipe that it has never closed.
check(io.popen("sleep 1007; true"))
