-- Raises a table.
check(true)
error({ code = "ECONNREFUSED", message = "no error of ours" })
