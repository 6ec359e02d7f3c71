-- Prints and raises what acts on a terminal.
print("\27[2J\27]0;title\7 \xc2\x9b31m \xff\xfe\0 &<>]]> ok 1")
check(false, "\27[31mred\27[0m \xe2\x80\xae &<>\"' \x01")
