"""lua.py - Lua scripts and lines: exit statuses, tracebacks, interrupts, what is printed."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import PATIENCE, TCPSTEP, Pipe, Shell, run
from tap import contains, equal, lacks, main, test


def script(text, *args, **more):
    with open("script.lua", "w") as f:
        f.write(text)
    return run("script.lua", *args, **more)


# --- scripts ---

@test("a script gets its arguments in ... and arg, NUL-free and with blanks")
def arguments():
    r = script('print(select("#", ...), ...)\nprint(arg[0], #arg, arg[2])', "a b", "", "-e", "你")
    equal((r.out, r.status), ("4\ta b\t\t-e\t你\nscript.lua\t4\t\n", 0))


@test("a script with a #! line runs by its name")
def shebang():
    with open("hello", "w") as f:
        f.write("#!%s\nprint('hi', ...)\n" % TCPSTEP)
    os.chmod("hello", 0o755)
    r = subprocess.run(["./hello", "x"], capture_output=True, timeout=60)
    equal((r.stdout, r.returncode), (b"hi\tx\n", 0))


@test("- is a script on stdin, with its arguments")
def from_stdin():
    r = run("-", "x", input="local l <close> = listen(0)\nprint('ok', ...)")
    equal((r.out, r.status), ("ok\tx\n", 0))


@test("a syntax error names file and line, and the exit status is 1")
def syntax():
    r = script("x = 1\ny = = 2\n")
    equal((r.out, r.status), ("", 1))
    contains(r.err, "script.lua:2: unexpected symbol near '='")
    r = script("for i = 1, 2 do\n")
    contains(r.err, "'end' expected")


@test("a missing script is told with its name, and the exit status is 1")
def missing():
    r = run("no-such.lua")
    equal(r.status, 1)
    contains(r.err, "no-such.lua")


@test("an error of Lua's has a traceback with file and line of all callers")
def traceback():
    r = script("local function f()\n  local x = nil\n  return x.y\nend\n\nlocal r = f()\n")
    equal(r.status, 1)
    for part in ("script.lua:3: attempt to index a nil value (local 'x')", "stack traceback:",
                 "script.lua:6: in main chunk"):
        contains(r.err, part)


@test("an error of a command in a script names the line, and hints")
def command_error():
    r = script("\n\nlocal function f()\n  connect('127.0.0.1:1')\nend\nf()\n")
    equal(r.status, 1)
    contains(r.err, "error: script.lua:4: connect 127.0.0.1:1: connection refused")
    contains(r.err, "help errors ECONNREFUSED")


@test("an error of a command that the program's own Lua gave names the user's line, or none when typed")
def own_error():
    r = run("-e", "listen 0", "-e", "history save no/such.lua")
    equal(r.status, 1)
    contains(r.err, "error: write no/such.lua: no such file")
    lacks(r.err, "history.lua")
    r = run("-e", "listen 0", "-e", "do\nhistory('save', 'no/such.lua') end")
    contains(r.err, "error: line:2: write no/such.lua: no such file")


@test("errors that are tables, nil or objects whose __tostring fails are told")
def odd_errors():
    for text, part in (("error({a = 1})", "{a = 1}"), ("error()", "nil"),
                       ("error(setmetatable({}, {__tostring = function() return 'mine' end}))", "mine"),
                       ("error(setmetatable({}, {__tostring = function() error('x') end}))", "__tostring"),
                       ("error(print)", "function"), ("error(5)", "5"), ("error('a\\0b')", "a")):
        r = script(text)
        equal(r.status, 1, text)
        contains(r.err, part)


@test("a stack overflow is an error with a bounded traceback, also after deep pcalls")
def overflow():
    r = script("local function f() return 1 + f() end\nf()")
    equal(r.status, 1)
    contains(r.err, "stack overflow")
    equal(len(r.err) < 5000, True)
    r = script("local function f() return pcall(f) end\nprint(f())")
    equal(r.status in (0, 1), True)


@test("os.exit and quit end the script there, with their status")
def exits():
    for text, status in (("os.exit(3)", 3), ("os.exit(true)", 0), ("os.exit(false)", 1),
                         ("quit(4)", 4), ("os.exit(5, true)", 5),
                         ("coroutine.wrap(function() os.exit(6) end)()", 6),
                         ("spawn(os.exit, 7) sleep(5)", 7),
                         ("l = listen(0) spawn(accept, l) sleep(0) os.exit(8, true)", 8)):
        r = script("io.write('a') print('b') %s print('not reached')" % text)
        equal((r.out, r.status), ("ab\n", status), text)
        equal(r.err, "", text)


@test("io.write and print come out in the order in which they were called")
def order():
    r = script("io.write('1\\n') print('2') io.stdout:write('3\\n') print('4')")
    equal(r.out, "1\n2\n3\n4\n")


@test("tasks that are left when the script ends are noted, and what they had open is closed")
def left_over():
    r = script("local l = listen(0)\nspawn(function()\n local x <close> = setmetatable({}, "
               "{__close = function() print('closed') end})\n accept(l)\nend)\nsleep(0.001)\n")
    equal((r.out, r.status), ("closed\n", 0))
    contains(r.err, "background tasks were stopped")


@test("an error in a task that nobody waits for is told once, with its name and line")
def task_error():
    r = script("spawn(function()\n  error('lost')\nend)\nsleep(0.01)\nprint('on')")
    equal((r.out, r.status), ("on\n", 0))
    equal(r.err.count("lost"), 1)
    contains(r.err, "error: t1: script.lua:2: lost")


@test("an error in a task that is waited for is told once, as the script's")
def task_raises():
    r = script("local t = spawn(function()\n  error('mine')\nend)\nwait(t)")
    equal(r.status, 1)
    equal(r.err.count("mine"), 1)
    lacks(r.err, "t1:")


@test("what fails in a finalizer is told")
def finalizer():
    r = script("setmetatable({}, {__gc = function() error('in gc') end})\ncollectgarbage()")
    equal(r.status, 0)
    contains(r.err, "warning: error in __gc")
    contains(r.err, "in gc")
    r = script("warn('careful', ' now')")
    contains(r.err, "warning: careful now")


@test("<close> of a script that failed is honoured, and an error in it is not lost")
def close_failed():
    r = script("local x <close> = setmetatable({}, {__close = function(_, e) print('closed', e) end})\n"
               "error('why', 0)")
    equal((r.out, r.status), ("closed\twhy\n", 1))


@test("-e lines, a script and -i run in that order: script, lines, prompt")
def combined():
    with open("script.lua", "w") as f:
        f.write("x = 40\nprint('script')\n")
    r = run("-e", "x + 2", "script.lua")
    equal((r.out, r.status), ("script\n42\n", 0))
    with Shell("-i", "-e", "y = 5", "script.lua") as s:
        equal(s.command("x + y"), "45")


@test("LUA_INIT, LUA_PATH and LUA_CPATH are not followed")
def environment():
    r = run("-e", "package.path", env={"LUA_INIT": "print('init')", "LUA_PATH": "/evil/?.lua",
                                       "LUA_PATH_5_4": "/evil/?.lua", "LUA_CPATH": "/evil/?.so"})
    lacks(r.out, "evil")
    lacks(r.out, "init\n")


# --- Ctrl-C ---

def interrupted(text, ready="ready"):
    """Runs a script that prints "ready", sends SIGINT, returns the Result."""
    with open("script.lua", "w") as f:
        f.write(text)
    with Pipe("script.lua") as p:
        equal(p.line(), ready)
        p.process.send_signal(signal.SIGINT)
        return p.finish()


LOOPS = {
    "a wait": "local l = listen(0) print('ready') accept(l)",
    "a sleep in a coroutine": "print('ready') coroutine.wrap(sleep)(60)",
    "a loop": "print('ready') while true do end",
    "a loop that catches errors": "print('ready') while true do pcall(function() while true do end end) end",
    "a loop that catches waits": "print('ready') while true do pcall(sleep, 60) end",
    "a loop in a coroutine": "print('ready') coroutine.wrap(function() while true do end end)()",
    "new coroutines for ever":
        "print('ready') while true do coroutine.resume(coroutine.create(function() "
        "while true do pcall(function() while true do end end) end end)) end",
    "a background task": "spawn(function() print('ready') while true do end end) wait()",
    "a background task's coroutines":
        "spawn(function() print('ready') while true do pcall(coroutine.wrap(function() "
        "while true do end end)) end end) wait()",
    "a comparator": "print('ready') table.sort({1,2,3}, function() while true do end end)",
    "a metamethod": "local t = setmetatable({}, {__index = function() while true do end end}) "
                    "print('ready') local x = t.x",
    "a callback of gsub": "print('ready') string.gsub('a', 'a', function() while true do end end)",
    "a __close": "do local x <close> = setmetatable({}, {__close = function() print('ready') "
                 "while true do end end}) end",
    "a hook of the user's": "debug.sethook(function() end, '', 1) print('ready') while true do end",
    "a hook that is set for ever": "print('ready') while true do debug.sethook() end",
    "endless recursion in pcall": "print('ready') local function f() return pcall(f) end while true do f() end",
    "a wait for a task": "local l = listen(0) local t = spawn(accept, l) print('ready') wait(t)",
    "spawning for ever": "print('ready') while true do wait(spawn(sleep, 0)) end",
    "io.read": "print('ready') io.read()",
}
for what, text in LOOPS.items():
    @test("Ctrl-C ends a script in %s with status 130" % what)
    def loop(text=text):
        r = interrupted(text)
        equal(r.status, 130)
        contains(r.err, "interrupted")


@test("Ctrl-C closes what the script had open with <close>")
def interrupt_closes():
    r = interrupted("local x <close> = setmetatable({}, {__close = function() print('closed') end})\n"
                    "print('ready') while true do pcall(function() while true do end end) end")
    equal((r.out, r.status), ("closed\n", 130))


@test("at the prompt Ctrl-C stops a __tostring that never ends, and the shell goes on")
def tostring_loops():
    with Shell() as s:
        s.send_line("setmetatable({}, {__tostring = function() while true do end end})")
        s.quiet(0.1)
        s.key("ctrl-c")
        s.prompt()
        equal(s.command("1 + 1"), "2")


@test("at the prompt Ctrl-C does not stop what runs in the background")
def background_survives():
    with Shell() as s:
        s.command("n = 0")
        s.command("t = spawn(function() while true do n = n + 1 coroutine.wrap(sleep)(0.001) end end)")
        for _ in range(3):
            s.send("half a line")
            s.until(lambda: s.screen.line().endswith("half a line"), "the echo")
            s.key("ctrl-c")
            s.prompt()
        before = int(s.command("n"))
        s.until(lambda: int(s.command("n")) > before, "the task to go on")
        contains(s.command("t"), "waiting in sleep")


@test("a background task that is at work when Ctrl-C comes goes on, as long as it ends its turn")
def background_at_work():
    with Shell() as s:
        s.command("spawn(function() io.popen('kill -INT $PPID'):close() io.open('went on', 'w'):close() end)")
        s.until(lambda: os.path.exists("went on"), "the task to go on")


# --- what is printed ---

@test("values are printed so that they can be read: nested, sorted, cycles, bounded")
def values():
    for line, want in (
            ("{3, {x = 1}, a = 'b', ['no name'] = true, [2.5] = 0}",
             '{3, {x = 1}, [2.5] = 0, a = "b", ["no name"] = true}'),
            ("(function() local t = {} t.t = t return t end)()", "{t = <cycle>}"),
            ("1, 1.0, 1e100, math.mininteger, nil, true", "1\n1.0\n1e+100\n-9223372036854775808\nnil\ntrue"),
            ("math.huge", "inf"), ("{}", "{}"), ("{['end'] = 1}", '{["end"] = 1}'),
            ("'\\27[31m\\0\\xff'", '"\\x1b[31m\\x00\\xff"'),
            ("setmetatable({}, {__tostring = function() return 'mine\\27' end})", "mine\\x1b"),
            ("setmetatable({1}, {__pairs = function() error('x') end, __index = error, __len = error})",
             "{1}"),
            ("setmetatable({}, {__name = 'my.type'})", "{}"),
            ("{{{{{{{{}}}}}}}}", "{{{{{{{...}}}}}}}")):
        r = run("-e", line)
        equal((r.out, r.err, r.status), (want + "\n", "", 0), line)
    r = run("-e", "(function() local t = {} for i = 1, 10000 do t[i] = i end return t end)()")
    contains(r.out, "... 9800 more")
    r = run("-e", "(function() local t = {} for d = 1, 6 do local u = {} for i = 1, 200 do u[i] = t end "
                  "t = u end return t end)()")
    equal(len(r.out) < 100000, True)
    equal(run("-e", "('x'):rep(1000000)").out.endswith("1000000 bytes in all\n"), True)
    equal(run("-e", "table.unpack({}, 1, 100000)").out.count("\n"), 101)


@test("with --json values are JSON, cycles and functions included")
def json_values():
    r = run("--json", "-e", "{1, {a = true}, 'x'}, nil, 0/0")
    equal(r.json()[0]["values"], [[1, {"a": True}, "x"], None, None])
    r = run("--json", "-e", "(function() local t = {} for i = 1, 50 do t[i] = t end return t end)()")
    equal(r.json()[0]["event"], "values")
    r = run("--json", "-e", "setmetatable({}, {__tostring = function() error('x') end})")
    equal(r.status, 1)


@test("a value whose __tostring fails is an error, not the end of the shell")
def bad_tostring():
    r = run("-e", "{setmetatable({}, {__tostring = function() error('boo') end})}")
    equal(r.status, 1)
    contains(r.err, "boo")


@test("print and io.write escape what could act on a terminal")
def escaped():
    with Shell() as s:
        for line in (r"print('\27[31mred\7', '\xc2\x9b')", r"io.write('\27[31mred\7', '\xc2\x9b\n')",
                     r"io.stdout:write('\27[31mred\7', '\xc2\x9b\n') and nil",
                     r"io.stderr:write('\27[31mred\7', '\xc2\x9b\n') and nil"):
            out = s.command(line)
            contains(out, r"\x1b[31mred\x07")
            contains(out, r"\xc2\x9b")


@test("globals with a strict metatable: names, commands and TAB still work")
def strict():
    r = run("-e", "setmetatable(_G, {__index = function(_, k) error('undeclared ' .. k, 0) end, "
                  "__newindex = function() error('no') end}) and nil",
            "-e", "l = listen 0", "-e", "close l1", "-e", "foo")
    equal(r.status, 1)
    contains(r.err, "undeclared foo")


@test("Lua that goes on: an open table, function, string or expression waits for more")
def goes_on():
    r = run(input="{1,\n2}\nfunction f()\nreturn 7\nend\nf()\n1 +\n2\n[[a\nb]]\n")
    equal((r.out, r.err), ('{1, 2}\n7\n3\n"a\\nb"\n', ""))


@test("an assignment to a new name goes on to the next line too")
def assignment_goes_on():
    r = run(input="x = {\n1,\n2}\nx\nf = function(a)\nreturn a * 2\nend\nf(4)\n"
                  "y, z =\n3, 4\ny + z\nt = [[a\nb]]\nt\n")
    equal((r.out, r.err), ('{1, 2}\n8\n7\n"a\\nb"\n', ""))


@test("an unknown command behind NAME = is named, not the name")
def assignment_unknown():
    for line, part in (("a = conect 127.0.0.1:9", 'unknown command "conect"; did you mean "connect"?'),
                       ("a = = 2", "unexpected symbol near '='"), ("a = 2 3", "near '3'")):
        contains(run("-e", line).err, part)


@test("the name of a socket as text is told apart from a socket that is not there")
def name_as_text():
    r = run("-e", "listen 0", "-e", 'state("l1")')
    contains(r.err, '"l1" is text here, not the socket l1')
    contains(run("-e", "listen 0", "-e", "l1.port = 5").err, "set with option(SOCKET, NAME, VALUE)")


@test("a command in the background brings its result, and keeps it by its name")
def background():
    r = run("-e", "listen 127.0.0.1:0", "-e", "a = accept &", "-e", "c = connect(l1.port)",
            "-e", "wait t1", "-e", "wait t1", "-e", "a", "-e", "wait t99")
    contains(r.out, "t1  accept in the background")
    contains(r.out, "s1 ESTABLISHED")
    contains(r.out, "t1 done")
    contains(r.err, "there is no task t99")


@test("a line of half a million words is an error, at once")
def many_words():
    r = run(input="send c1 " + "a " * 500000 + "\n")
    equal(r.status, 1)
    equal(r.seconds < PATIENCE, True)
    contains(r.err, "send: the line has more than 200 words")


if __name__ == "__main__":
    main()
