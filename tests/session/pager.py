"""pager.py - a long ladder is shown a page at a time, and the terminal is as before."""
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from shell import run
from tap import Skip, contains, equal, lacks, main, test

TALK = ["lab", "server listen 80", "client connect server:80", "server accept"]


def talked(**options):
    """A shell in whose lab more was said than fits 24 rows."""
    s = LabShell(**options)
    for line in TALK + ['for i = 1, 30 do client.c1:send("hello") server.s1:recv(5) end',
                        "expect server . ack 151"]:
        s.command(line)
    s.last = int(s.command("show().number"))  # nothing is under way any more
    s.last_one = "#%d " % s.last
    s.last_but_one = "#%d " % (s.last - 1)
    return s


def pager(tmp, text):
    path = os.path.join(tmp, "pager")
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


@test("less shows the first page; q gives the prompt back, and the terminal works")
def less():
    if not shutil.which("less"):
        raise Skip("less is not installed")
    with talked() as s:
        s.send_line("ladder")
        s.until(lambda: s.screen.line().startswith("(more)  q: back to the prompt"), "the prompt of less")
        contains(s.text(s.mark), "#1 SYN")
        lacks(s.text(s.mark), s.last_one)
        s.send("q")
        s.prompt()
        contains(s.command("show #1"), "SYN")
        equal(s.quit(), 0)


@test("$PAGER gets all of it; Ctrl-C in it is its own")
def own():
    with talked(env={"PAGER": "sh ./pager"}, cwd=os.getcwd()) as s:
        pager(".", 'trap "echo heard" INT\ncat >paged\necho READY\nuntil read x </dev/tty; do :; done\necho left\n')
        s.send_line("ladder")
        s.expect("(?m)^READY")
        s.key("ctrl-c")
        s.expect("heard")
        s.send("\r")
        s.prompt()
        lacks(s.output(), "interrupted")
        contains(s.command("show #1"), "SYN")
        with open("paged") as f:
            text = f.read()
        contains(text, "#1 SYN")
        contains(text, s.last_one)


@test("told to end while a page is read, it ends the pager and leaves the terminal as it was")
def ended():
    with talked(env={"PAGER": "stty raw -echo </dev/tty; cat >/dev/null; echo READY; exec sleep 100"}) as s:
        s.send_line("ladder")
        s.expect("READY")
        s.signal(signal.SIGTERM)
        equal(s.wait(), 143)
        equal(s.modes(), s.before)


@test("received bytes reach the pager escaped")
def escaped():
    with talked(env={"PAGER": "cat >paged"}, cwd=os.getcwd()) as s:
        s.command(r'send client.c1 "\x1b]0;title\x07"')
        s.command("set colour off")
        s.command("ladder")
        with open("paged", "rb") as f:
            data = f.read()
        equal(b"\x1b" in data, False)
        equal(b"#1 SYN" in data, True)


@test("a short ladder, set pager off, and a pager that is not there: all is printed as usual")
def plain():
    with LabShell(env={"PAGER": "echo NOT THIS"}) as s:
        for line in TALK:
            s.command(line)
        lacks(s.command("ladder"), "NOT THIS")
    with talked(env={"PAGER": "echo NOT THIS"}) as s:
        contains(s.command("ladder"), "NOT THIS")
        contains(s.command("explain"), "NOT THIS")
        contains(s.command("trace"), "NOT THIS")
        contains(s.command("state diagram=yes"), "NOT THIS")
        lacks(s.command("state client.c1"), "NOT THIS")
        s.command("set pager off")
        contains(s.command("ladder"), s.last_one)
        lacks(s.output(), "NOT THIS")
    with talked(env={"PAGER": "/nowhere/pager"}) as s:
        contains(s.command("ladder"), s.last_one)


@test("a pager that ends at once, or reads nothing, does no harm")
def deaf():
    with talked(env={"PAGER": "true"}) as s:
        s.command("for i = 1, 300 do client.c1:send('x') server.s1:recv(1) end")
        s.command("ladder")
        contains(s.command("show #1"), "SYN")


@test("last=N and after=N select a part, which need not be paged")
def part():
    with talked(env={"PAGER": "echo NOT THIS"}) as s:
        out = s.command("ladder last=1")
        lacks(out, "NOT THIS")
        contains(out, s.last_one)
        lacks(out, s.last_but_one)
        out = s.command("explain last=1")
        contains(out, s.last_one)
        lacks(out, s.last_but_one)
        contains(s.command("explain after=%d" % (s.last - 1)), s.last_one)
        lacks(s.output(), s.last_but_one)
        out = s.command("ladder client.c1 last=1 after=2")
        contains(out, s.last_one)
        lacks(out, s.last_but_one)
        contains(s.command("ladder last=100000"), "NOT THIS")


@test("what is no terminal gets all at once")
def piped():
    lines = TALK + ['for i = 1, 30 do client.c1:send("hello") server.s1:recv(5) end', "ladder"]
    r = run(input="\n".join(lines) + "\n", env={"PAGER": "echo NOT THIS"})
    contains(r.out, "#30 ")
    lacks(r.out, "NOT THIS")


need_lab()
main()
