"""tab.py - what TAB completes and lists."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import Shell
from tap import contains, equal, lacks, main, test


def completed(s, typed, want, keys="\t"):
    """TAB after `typed` makes it `want`; the line is thrown away."""
    s.send(typed + keys)
    s.send("\x05!")  # a mark at the end: what TAB did has been drawn
    s.until(lambda: s.screen.line().endswith("!"), "the mark")
    equal(s.screen.line()[len("tcpstep> "):-1], want, "TAB after %r" % typed)
    clear(s)


def clear(s):
    s.from_here()
    s.key("ctrl-c")
    s.prompt()


def listed(s, typed):
    """What TAB TAB after `typed` lists."""
    s.from_here()
    s.send(typed + "\t\t")
    s.send("\x05!")
    s.until(lambda: s.screen.line() == s.PROMPT + " " + typed + "!", "the line, again")
    words = s.text(s.mark).split("\n")[1:-1]
    clear(s)
    return "\n".join(words).split()


def with_sockets():
    s = Shell(rows=50, cols=200)
    s.command("l = listen 0")
    s.command("connect(l.port)")
    s.command("accept")
    s.command("connect(l.port)")
    s.command("accept")
    s.command("listen 0")
    return s


@test("a command is completed, with a blank behind it")
def commands():
    with Shell() as s:
        completed(s, "liste", "listen ")
        completed(s, "acc", "accept ")


@test("TAB on an empty line lists the commands, and asks nothing")
def all_commands():
    with Shell(rows=60) as s:
        s.send("\t\t")
        s.send("help!")
        s.until(lambda: s.screen.line() == "tcpstep> help!", "the line, without a question")
        for name in ("listen", "connect", "recv", "quit"):
            contains(s.text().split(), name)


@test("sockets are offered where they fit: listeners to accept, streams to recv, all to close")
def sockets():
    with with_sockets() as s:
        equal({"l1", "l2"} - set(listed(s, "accept l")), set())
        equal([w for w in listed(s, "accept ") if w in ("c1", "s1")], [])
        words = listed(s, "recv ")
        equal({"c1", "c2", "s1", "s2"} - set(words), set())
        equal([w for w in words if w in ("l1", "l2")], [])
        equal({"c1", "l1", "s2"} - set(listed(s, "close ")), set())


@test("a closed socket is not offered, except to what takes closed ones")
def closed():
    with with_sockets() as s:
        s.command("close c1")
        lacks(listed(s, "send "), "c1")
        contains(listed(s, "state "), "c1")


@test("option names, their yes and no, and no option twice")
def options():
    with with_sockets() as s:
        completed(s, "listen 80 ba", "listen 80 backlog=")
        completed(s, "listen 80 reuse=y", "listen 80 reuse=yes ")
        equal(sorted(listed(s, "listen 80 reuse=")), ["reuse=no", "reuse=yes"])
        words = listed(s, "listen 80 reuse=yes ")
        contains(words, "backlog=")
        lacks(words, "reuse=")


@test("words of a command: exactly, line, all; send, recv, both")
def words():
    with with_sockets() as s:
        completed(s, "recv c1 exa", "recv c1 exactly ")
        contains(listed(s, "recv c1 "), "line")
        contains(listed(s, "shutdown c1 "), "both")


@test("names of socket options and of settings, and a setting's values")
def tables():
    with with_sockets() as s:
        completed(s, "option c1 nodel", "option c1 nodelay ")
        completed(s, "set ech", "set echo ")
        completed(s, "set echo l", "set echo lua ")


@test("topics of help: commands, states, errors")
def topics():
    with Shell() as s:
        completed(s, "help TIME_", "help TIME_WAIT ")
        completed(s, "help ECONNREF", "help ECONNREFUSED ")
        completed(s, "help shutd", "help shutdown ")


@test("file= completes the names of files, also below directories and with - in them")
def files():
    os.makedirs("some-dir/inner")
    for name in ("some-dir/data-file.txt", "some-dir/inner/x"):
        open(name, "w").close()
    with with_sockets() as s:
        completed(s, "send c1 file=some-", "send c1 file=some-dir/")
        completed(s, "send c1 file=some-dir/da", "send c1 file=some-dir/data-file.txt ")
        completed(s, "send c1 file=%s/some-dir/i" % os.getcwd(),
                  "send c1 file=%s/some-dir/inner/" % os.getcwd())


@test("an object's commands: c1 se")
def object_commands():
    with with_sockets() as s:
        completed(s, "c1 sen", "c1 send ")
        completed(s, "s1 recv exa", "s1 recv exactly ")


@test("behind a socket's name stand its commands alone, behind an option of yes and no these")
def object_empty():
    with Shell() as s:
        s.command("listen 0")
        s.send("l1 \t\t")
        s.until(lambda: "shutdown" in s.text(), "the commands")
        lacks(s.text(), "collectgarbage")
        lacks(s.text(), "tonumber")
        clear(s)
        completed(s, "option l1 freebind y", "option l1 freebind yes ")


@test("tutorial is completed by lessons, inside the program and one's own, lint by a directory")
def lessons():
    with Shell() as s:
        completed(s, "tutorial hands", "tutorial handshake ")
        completed(s, "tutorial rep", "tutorial report ")
        os.makedirs("mine/01-of-mine")
        completed(s, "tutorial lint mi", "tutorial lint mine/")
        completed(s, "tutorial report mi", "tutorial report mi")
    with Shell("--lessons", "mine") as s:
        completed(s, "tutorial of-m", "tutorial of-mine ")
        completed(s, "tutorial hands", "tutorial hands")


BASH = """
eval "$(tcpstep --generate bash)"
compopt() { :; }
try() {
    COMP_WORDS=(tcpstep "$@") COMP_CWORD=$#
    _tcpstep tcpstep "${!#}" "${COMP_WORDS[COMP_CWORD-1]}"
    echo "${COMPREPLY[*]}"
}
try tutorial hand; try tutorial le; try test --unt; try --les; try --lang z; try -e shutd
"""


@test("bash completes lessons, the options of test, flags and their words, commands behind -e")
def in_bash():
    env = dict(os.environ, PATH=os.path.dirname(os.environ["TCPSTEP"]) + ":" + os.environ["PATH"])
    got = subprocess.run(["bash", "-c", BASH], env=env, capture_output=True, text=True)
    equal(got.stdout.split("\n"), ["handshake", "leak", "--until-fail", "--lessons", "zh", "shutdown", ""])
    equal(got.stderr, "")


@test("behind NAME = a command is completed as without")
def assignment():
    with with_sockets() as s:
        completed(s, "x = liste", "x = listen ")
        completed(s, "x = recv c1 exa", "x = recv c1 exactly ")


@test("Lua: globals, fields of tables, methods of sockets and strings")
def lua():
    with with_sockets() as s:
        completed(s, "string.for", "string.format")
        completed(s, "print(string.for", "print(string.format")
        completed(s, "c1:sen", "c1:send")
        completed(s, "x = c1:sen", "x = c1:send")
        s.command("deep = {er = {still = 1}}")
        completed(s, "deep.er.st", "deep.er.still")
        completed(s, "corouti", "coroutine")


@test("a table whose __index raises does no harm to TAB or to a line")
def strict():
    with Shell() as s:
        s.command("setmetatable(_G, {__index = function(t, k) error('undeclared ' .. k) end})")
        s.send("undeclared.x\t")
        clear(s)
        contains(s.command("undeclared"), "unde")
        s.command("bad = setmetatable({}, {__index = function() error('no') end})")
        s.send("bad.x.y\t")
        clear(s)
        s.send("send bad\t")
        clear(s)
        equal(s.command("1 + 1"), "2")


@test("TAB at an empty argument shows the usage above the line")
def usage():
    with Shell() as s:
        s.from_here()
        s.send("connect \t")
        s.until(lambda: "usage: connect" in s.text(s.mark) and
                s.screen.line() == "tcpstep> connect" and
                s.screen.x == len("tcpstep> connect "), "the usage and the line")
        s.send("1\x01\x06")
        s.until(lambda: s.screen.line() == "tcpstep> connect 1", "the line")


@test("TAB in the middle of a line leaves the rest")
def middle():
    with Shell() as s:
        s.send("liste 80")
        for _ in range(3):
            s.key("left")
        s.send("\t")
        s.until(lambda: s.screen.line() in ("tcpstep> listen 80", "tcpstep> listen  80"), "listen")


@test("TAB on garbage, quotes and wide characters does nothing bad")
def garbage():
    with Shell() as s:
        for text in ('send "unclosed ', "((((", "x = {", "你好", "=", "a=b=", "file=", "...", "::",
                     "send file=", "recv c9 ", "nobody send ", " ", "\\", "x.y.z.", "& "):
            s.send(text + "\t\t")
            s.from_here()
            s.key("ctrl-c")
            s.prompt()
        equal(s.command("1 + 1"), "2")


main()
