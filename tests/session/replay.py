"""replay.py - a script one statement at a time, and the way back."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from mask import free_port, same
from shell import Shell, run
from tap import contains, equal, lacks, main, test

class ReplayShell(LabShell):
    """The prompt may be replay 3/12>, too."""

    PROMPT = re.compile(r"((replay \d+/\d+)( lab(:\d+)?)?|tcpstep|lab(:\d+)?)>")

    def shows(self, line, want):
        """Types the line; this comes below it, and then the prompt. On a wire something may come between."""
        self.send_line(line)
        self.until(lambda: want in self.output(), "%r after %r" % (want, line))
        self.prompt()


def script(text, path="a.lua"):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def goes_back(s, line, prompt):
    """Types back, and waits until all is replayed up to that prompt."""
    s.send_line(line)
    s.until(lambda: "are new" in s.text(s.mark) and s.screen.line() == prompt, "the replay up to " + prompt)
    s.mark = s.screen.row


SCRIPT = """\
#!/usr/bin/env tcpstep
-- a server and a client
local l = listen(PORT)

local c = connect(PORT)
-- the server's end
local s =
        accept(l)
for i = 1, 3 do
	c:send("x")
end
local got = s:recv("exactly", 3)
close(c)
"""


@test("Enter runs the next statement as if it had been typed, the prompt says where")
def steps():
    port = str(free_port())
    script(SCRIPT.replace("PORT", port))
    with ReplayShell(env={"NO_COLOR": "1"}) as s:
        same(s.command("replay a.lua"), "Enter runs the next statement; any command may be typed in between.\n"
             "      2 | -- a server and a client\n      3 | local l = listen(%s)" % port, "begin")
        s.prompt_is("replay 1/6>")
        same(s.command(""), "l1  LISTEN  0.0.0.0:%s  backlog 128\n      5 | local c = connect(%s)" % (port, port), "1")
        s.prompt_is("replay 2/6>")
        contains(s.command(""), "c1  CLOSED -> SYN_SENT -> ESTABLISHED")
        contains(s.output(), "      6 | -- the server's end\n      7 | local s =\n      8 |         accept(l)")
        contains(s.command(""), "s1  ESTABLISHED")
        s.prompt_is("replay 4/6>")
        equal(s.command("").count("c1  sent 1 byte"), 3)
        s.prompt_is("replay 5/6>")
        contains(s.command(""), 's1  3 bytes  "xxx"')
        contains(s.command(""), "c1  ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2")
        contains(s.output(), "a.lua has ended")
        s.prompt_is("tcpstep>")


@test("any command may be typed in between, and replay stop ends it")
def between():
    script("x = 1\nlocal y = x + 1\nprint(y)\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        s.command("")
        contains(s.command("hosts"), "this machine")
        s.command("x = 41")
        s.prompt_is("replay 2/3>")
        s.command("")
        contains(s.command("replay"), "42")
        s.command("replay a.lua")
        s.prompt_is("replay 1/3>")
        s.command("replay stop")
        s.prompt_is("tcpstep>")
        contains(s.command("replay"), "no script is being replayed")
        equal(s.command(""), "")


@test("statements are found as Lua finds them")
def statements():
    script("""\
local a = 1 -- b
	+ 2
--[[ a comment
of several lines ]]
local t = {
	1,
}
t.f = function()
	return 1
end
print
(a)
local s = [[
x
]]
do local z = 1 end
if a then print(1)
elseif s then print(2) end
return
""")
    want = ["replay %d/8" % i for i in range(1, 9)]
    got = []
    with ReplayShell() as s:
        s.command("replay a.lua")
        for _ in want:
            got.append(s.screen.line().rstrip("> "))
            s.command("")
        contains(s.output(), "a.lua has ended")
    equal(got, want)


@test("a statement that fails is told with its line, and ends the replay")
def fails():
    script("local a = 1\na.b.c = 2\nprint(3)\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        s.command("")
        contains(s.command(""), "a.lua:2:")
        s.prompt_is("tcpstep>")


@test("Ctrl-C ends a statement that waits, and with it the replay")
def ctrl_c():
    script("local l = listen(0)\naccept(l)\nprint(3)\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        s.command("")
        s.send_line("")
        s.until(lambda: s.screen.row > s.mark, "the line to run")
        s.key("ctrl-c")
        s.prompt()
        s.prompt_is("tcpstep>")
        contains(s.output(), "interrupted")


@test("Ctrl-C ends the replay also when the statement has not begun yet")
def ctrl_c_early():
    script("local l = listen(0)\nprint(3)\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        s.command("")
        s.command("coroutine.resume = function() print('here') while true do end end")
        s.send_line("")
        s.expect("^here$")
        s.key("ctrl-c")
        s.prompt()
        s.prompt_is("tcpstep>")
        contains(s.output(), "interrupted")


@test("a file that is missing, wrong or empty is told as such")
def wrong():
    script("x = = 1\n", "wrong.lua")
    script("-- nothing\n", "empty.lua")
    for line, want in (("replay none.lua", "none.lua: No such file"), ("replay wrong.lua", "wrong.lua:1:"),
                       ("replay empty.lua", "no statement"), ("replay .", "."), ("replay stop", "no script")):
        r = run("-e", line)
        equal(r.status, 1, line)
        contains(r.err, want)


@test("a step on a held wire shows its segments, and one that waits for them goes on by itself")
def held():
    need_lab()
    script("lab()\nhold()\nserver:listen(80)\nlocal c = client:connect('server:80')\nc:send('x')\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        for _ in range(3):
            s.command("")
        s.shows("", "client.c1 is still connecting")
        s.prompt_is("replay 4/5 lab:1>")
        s.shows("replay", "still waits")
        s.command("step")
        s.command("step")
        s.until(lambda: "replay 5/5" in s.screen.line(), "the statement to end")
        s.shows("replay", "client.c1  sent 1 byte")


@test("back takes back a statement that still waits")
def back_waiting():
    need_lab()
    script("lab()\nhold()\nserver:listen(80)\nlocal c = client:connect('server:80')\n")
    with ReplayShell(rows=40) as s:
        s.command("replay a.lua")
        for _ in range(3):
            s.command("")
        s.shows("", "client.c1 is still connecting")
        goes_back(s, "back", "replay 4/4>")
        s.shows("held", "the wire holds nothing")
        s.shows("", "client.c1 is still connecting")


@test("replay stop ends a statement that waits too")
def stop_waiting():
    need_lab()
    script("lab()\nhold()\nserver:listen(80)\nlocal c = client:connect('server:80')\nprint('too far')\n")
    with ReplayShell() as s:
        s.command("replay a.lua")
        for _ in range(4):
            s.command("")
        s.command("replay stop")
        s.prompt_is("lab:1>")
        s.command("step")
        s.command("step")
        s.command("step")
        s.expect("waits in the accept queue")
        s.prompt()
        lacks(s.text(), "too far\n")
        equal(s.command("1 + 1"), "2")


@test("back in a script begins anew and runs it to there")
def back_in_script():
    port = str(free_port())
    script(SCRIPT.replace("PORT", port))
    with ReplayShell() as s:
        s.command("replay a.lua")
        for _ in range(4):
            s.command("")
        s.prompt_is("replay 5/6>")
        contains(s.command("back 2"), "A replay of a.lua up to there: ports and sequence numbers are new.")
        contains(s.output(), "      7 | local s =")
        s.prompt_is("replay 3/6>")
        contains(s.command(""), "s1  ESTABLISHED")
        s.command("back 99")
        s.prompt_is("replay 1/6>")
        contains(s.command("state"), "no sockets")
        contains(s.command(""), "l1  LISTEN")


@test("back replays what was typed, without the last commands that changed something")
def back():
    need_lab()
    with ReplayShell(rows=60) as s:
        for line in ("lab", "hold", "server listen 80", "client connect server:80", "step", "", "state", "held"):
            s.command(line)
        s.shows("state client.c1", "ESTABLISHED")
        s.send_line("back")
        s.until(lambda: s.text(s.mark).count("\nlab") >= 4 and s.screen.line() == "lab:1>", "the replay")
        contains(s.text(s.mark), "without: step")
        contains(s.text(s.mark), "A replay of the rest follows: ports and sequence numbers are new.")
        s.shows("state client.c1", "SYN_SENT")
        s.shows("held", "SYN,ACK")
        s.command("")
        s.command("step")
        s.shows("state client.c1", "ESTABLISHED")


@test("back may be repeated, and goes to the beginning")
def back_back():
    port = str(free_port())
    with ReplayShell() as s:
        s.command("listen %s" % port)
        s.command("connect %s" % port)
        s.command("accept")
        s.send_line("back")
        s.until(lambda: "c1  CLOSED" in s.text(s.mark) and s.screen.line() == "tcpstep>", "the replay")
        lacks(s.command("state"), "s1")
        s.send_line("back")
        s.until(lambda: "l1  LISTEN" in s.text(s.mark) and s.screen.line() == "tcpstep>", "the replay")
        lacks(s.command("state"), "c1")
        s.command("back 5")
        contains(s.command("state"), "no sockets")
        contains(s.command("back"), "nothing was typed")
        contains(s.command("listen %s" % port), "l1")


@test("back gives the wire's faults the seed that they had")
def back_seed():
    need_lab()
    with ReplayShell() as s:
        s.command("lab")
        seed = re.search(r"seed=(\d+)", s.command("wire loss=10%")).group(1)
        s.command("server listen 80")
        s.send_line("back")
        s.until(lambda: "wire loss=10% seed=" + seed in s.text(s.mark) and s.screen.line() == "lab>", "the replay")
        contains(s.command("wire"), "seed=" + seed)


@test("back ends the tasks of before")
def back_tasks():
    port = str(free_port())
    with ReplayShell() as s:
        s.command("listen %s" % port)
        contains(s.command("accept &"), "t1")
        s.command("connect %s" % port)
        s.send_line("back")
        s.until(lambda: s.text(s.mark).count("tcpstep>") == 4 and s.screen.line() == "tcpstep>", "the replay")
        contains(s.text(s.mark), "t1  accept in the background")
        lacks(s.text(s.mark), "error")


@test("back gives Lua's variables the values that they had, also those of the program that were written over")
def back_variables():
    port = str(free_port())
    with ReplayShell(rows=60) as s:
        for line in ("l = listen(%s)" % port, "n = 1", "function f() m = 7 end", "n = n + 1 f()", "print, hosts = nil, 5"):
            s.command(line)
        goes_back(s, "back", "tcpstep>")
        equal(s.command("n, m, print == nil, hosts == 5"), "2\n7\nfalse\nfalse")
        goes_back(s, "back", "tcpstep>")
        # The look before it has changed nothing, and is no command to take back.
        equal(s.command("n, m, f == nil"), "1\nnil\nfalse")
        contains(s.command("state"), "l1    LISTEN")
        goes_back(s, "back 5", "tcpstep>")
        equal(s.command("n, l, f"), "nil\nnil\nnil")


@test("back leaves settings as they are, and says so")
def back_settings():
    with ReplayShell() as s:
        s.command("n = 1")
        s.command("n = 2")
        s.command("set timeout 7")
        s.send_line("back")
        s.expect("without: n = 2$")
        s.expect("^Settings and files stay as they are.$")
        s.until(lambda: s.screen.line() == "tcpstep>" and s.text(s.mark).count("n = 1") > 0, "the replay")
        equal(s.command("n"), "1")
        contains(s.command("set timeout"), "7")


@test("back in a script keeps what was typed before it, and gives its variables the values that they had")
def back_before():
    port = str(free_port())
    script("x = x + 1\nlocal c = connect(%s)\ny = x\nx = x + 1\n" % port)
    with ReplayShell(rows=80) as s:
        s.command("listen %s" % port)
        s.command("x = 1")
        s.command("replay a.lua")
        for _ in range(3):
            s.command("")
        s.command("between = 1")
        s.prompt_is("replay 4/4>")
        s.send_line("back 2")
        s.expect("^What was typed in between is left out; settings and files stay")
        s.until(lambda: s.screen.line() == "replay 2/4>", "the replay")
        equal(s.command("x, y, between"), "2\nnil\nnil")
        contains(s.command("state"), "l1    LISTEN")
        contains(s.command(""), "c1  CLOSED -> SYN_SENT -> ESTABLISHED")
        goes_back(s, "back 9", "replay 1/4>")
        equal(s.command("x"), "1")
        contains(s.command("state"), "l1    LISTEN")
        s.command("replay stop")
        s.send_line("back")
        s.expect("without: x = 1$")


@test("Ctrl-C while lines are replayed ends the replay there")
def back_interrupted():
    with ReplayShell(rows=40) as s:
        for line in ("n = 1", "if io.open('slow') then print('here') sleep(60) end", "n = 2", "n = 3"):
            s.command(line)
        with open("slow", "w", encoding="utf-8"):
            pass
        s.send_line("back")
        s.expect("^here$")
        s.key("ctrl-c")
        s.expect("^not replayed: n = 2$")
        s.until(lambda: s.screen.line() == "tcpstep>", "the prompt")
        equal(s.command("n"), "1")


@test("where a script has made what there is, back says why there is no way, and leaves it alone")
def back_late():
    script("l = listen(0)\ncheck(false)\n")
    script("x = 1\ny = 2\n", "b.lua")
    for args in (("test", "--stop", "a.lua"), ("-i", "a.lua")):
        with ReplayShell(*args, wait=False, rows=50) as s:
            s.until(lambda: s.screen.line() == "tcpstep>", "the prompt")
            s.command("n = 1")
            contains(s.command("back"), "back: a script has run in this session before")
            s.command("replay b.lua")
            s.command("")
            s.command("")
            contains(s.command("back"), "back: a script has run in this session before")
            contains(s.command("state"), "LISTEN")
            equal(s.command("n"), "1")
            s.command("history save c.lua")
            with open("c.lua", encoding="utf-8") as f:
                contains(f.read(), "-- What a script has made in that session is not made here.\n")
            os.remove("c.lua")


@test("back leads into a script that has just ended or failed; the line before it is not taken back alone")
def back_ended():
    port = str(free_port())
    script("local c = connect(%s)\nn = 2\n" % port)
    script("m = 1\nerror('mine')\n", "b.lua")
    with ReplayShell(rows=60) as s:
        s.command("listen %s" % port)
        s.command("replay a.lua")
        s.command("")
        contains(s.command(""), "a.lua has ended")
        goes_back(s, "back", "replay 2/2>")
        contains(s.command("state"), "l1 ")
        contains(s.output(), "c1 ")
        s.command("")
        equal(s.command("n"), "2")
        s.command("p = 1")
        contains(s.command("back"), "back: a script has run in this session before")
        equal(s.command("n"), "2")
    with ReplayShell(rows=60) as s:
        s.command("replay b.lua")
        s.command("")
        contains(s.command(""), "mine")
        goes_back(s, "back", "replay 1/2>")
        equal(s.command("m == nil"), "true")


@test("neither is for scripts")
def in_script():
    script("for _, f in ipairs{replay, back} do local _, err = try(f) print(err.message) end\n")
    equal(run("a.lua").out, "replay: it is for the prompt, not for scripts\nback: it is for the prompt, not for scripts\n")


if __name__ == "__main__":
    main()
