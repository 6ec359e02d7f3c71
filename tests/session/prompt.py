"""prompt.py - typing, the history, and terminals and homes of all kinds."""
import os
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from shell import TCPSTEP, Shell, environment, run
from tap import contains, equal, lacks, main, test


def history_file(home):
    return os.path.join(home, "state", "tcpstep", "history")


@test("an option that is written with blanks around its = is told how it is written")
def option_blanks():
    with Shell() as s:
        for line in ("listen 0 backlog = 5", "listen 0 backlog =5", "listen 0 backlog 5"):
            got = s.command(line)
            contains(got, "an option is written NAME=VALUE, without blanks: backlog")
            contains(got, "[backlog=N]")
        contains(s.command("listen 0 5"), "too many arguments, from here on: 5")


@test("editing keys work on the line being typed")
def editing():
    with Shell() as s:
        s.send("xx + 2")
        for name in ("home", "delete", "delete"):
            s.key(name)
        s.send("40")
        s.key("end")
        s.key("left")
        s.send("0")
        s.key("backspace")
        s.until(lambda: s.screen.line() == "tcpstep> 40 + 2" and
                s.screen.x == len("tcpstep> 40 + "), "the line, the cursor before the 2")
        s.from_here()
        s.key("enter")
        s.prompt()
        equal(s.output(), "42")
        s.send("1 + 1")
        s.key("ctrl-u")
        equal(s.command("2 + 3"), "5")


@test("Enter on an empty line gives a new prompt and nothing else")
def empty():
    with Shell() as s:
        equal(s.command(""), "")
        equal(s.command("   "), "")


@test("up-arrow brings back lines, also those of an earlier session")
def history():
    with tempfile.TemporaryDirectory() as home:
        with Shell(home=home) as s:
            s.command("11 + 11")
            s.command("22 + 22")
            s.quit()
        with Shell(home=home) as s:
            s.key("up")
            s.until(lambda: s.screen.line() == "tcpstep> 22 + 22", "the last line")
            s.key("up")
            s.until(lambda: s.screen.line() == "tcpstep> 11 + 11", "the line before")
            equal(s.command(""), "22")
            contains(s.command("history"), "22 + 22")


@test("the history is on disk before the shell ends, and nobody else can read it")
def history_mode():
    with tempfile.TemporaryDirectory() as home:
        old = os.umask(0)
        try:
            with Shell(home=home) as s:
                s.command("1 + 1")
                path = history_file(home)
                equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                equal(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)
                with open(path) as f:
                    equal(f.read(), "1 + 1\n")
        finally:
            os.umask(old)


@test("a history that others could read is closed to them")
def history_chmod():
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(os.path.dirname(history_file(home)))
        with open(history_file(home), "w") as f:
            f.write("7 + 7\n")
        os.chmod(history_file(home), 0o666)
        with Shell(home=home) as s:
            s.key("up")
            s.until(lambda: s.screen.line() == "tcpstep> 7 + 7", "the line")
        equal(stat.S_IMODE(os.stat(history_file(home)).st_mode), 0o600)


@test("a history file that is a symbolic link is not followed")
def history_symlink():
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(os.path.dirname(history_file(home)))
        victim = os.path.join(home, "victim")
        with open(victim, "w") as f:
            f.write("precious\n")
        os.symlink(victim, history_file(home))
        with Shell(home=home) as s:
            s.command("1 + 1")
            s.key("up")
            s.until(lambda: s.screen.line() == "tcpstep> 1 + 1", "the history in memory")
        with open(victim) as f:
            equal(f.read(), "precious\n")


@test("a history that is a fifo or a directory neither blocks nor fails")
def history_odd():
    for make in (os.mkfifo, os.mkdir):
        with tempfile.TemporaryDirectory() as home:
            os.makedirs(os.path.dirname(history_file(home)))
            make(history_file(home))
            with Shell(home=home) as s:
                equal(s.command("1 + 1"), "2")


@test("a line with a leading blank is not kept, nor is a line twice in a row")
def history_blank():
    with tempfile.TemporaryDirectory() as home:
        with Shell(home=home) as s:
            s.command("1 + 1")
            s.command("1 + 1")
            s.command(" secret = 2")
            s.command("3 + 3")
            s.key("up")
            s.key("up")
            s.until(lambda: s.screen.line() == "tcpstep> 1 + 1", "the line before last")
        with open(history_file(home)) as f:
            equal(f.read(), "1 + 1\n3 + 3\n")


@test("an indented line inside unfinished Lua is kept, unless the first had a blank")
def history_chunk():
    with tempfile.TemporaryDirectory() as home:
        with Shell(home=home) as s:
            for first in ("do", " do"):
                s.send_line(first)
                s.expect("^ +>> $|^ +>>$")
                s.send_line("  local x = 1")
                s.until(lambda: s.screen.line() == "     >>" and s.screen.row > s.mark, ">>")
                s.command("end")
        with open(history_file(home)) as f:
            equal(f.read(), "do\n  local x = 1\nend\n")


@test("without HOME, without a place for state, the shell works")
def homeless():
    with tempfile.TemporaryDirectory() as home:
        for env in ({"HOME": None, "XDG_STATE_HOME": None},
                    {"HOME": "", "XDG_STATE_HOME": ""},
                    {"HOME": "relative", "XDG_STATE_HOME": "relative"},
                    {"HOME": "/nonexistent/home", "XDG_STATE_HOME": None},
                    {"XDG_STATE_HOME": "/proc/nonexistent"},
                    {"XDG_STATE_HOME": "/dev/null/x"},
                    {"XDG_STATE_HOME": "/" + "x" * 5000}):
            with Shell(home=home, env=env, cwd=home) as s:
                equal(s.command("1 + 1"), "2")
                s.key("up")
                s.until(lambda: s.screen.line() == "tcpstep> 1 + 1", "history in memory")
                s.key("ctrl-c")
                s.prompt()
                equal(s.quit(), 0)
        equal(os.listdir(home), [])


@test("a HOME that is missing is not made")
def home_not_made():
    with tempfile.TemporaryDirectory() as top:
        with Shell(home=top, env={"HOME": top + "/none", "XDG_STATE_HOME": None}) as s:
            s.command("1 + 1")
            equal(s.quit(), 0)
        equal(os.listdir(top), [])


@test("a state directory is made where it is missing")
def state_made():
    with tempfile.TemporaryDirectory() as home:
        with Shell(home=home, env={"XDG_STATE_HOME": None}) as s:
            s.command("1 + 1")
        equal(os.path.isfile(home + "/.local/state/tcpstep/history"), True)


@test("without TERM, or with a dumb one, no escape sequence is sent")
def dumb():
    for term in ("dumb", None, ""):
        with Shell(term=term) as s:
            s.command("listen 0")
            contains(s.command("state"), "LISTEN")
            s.command("connect 1")
            s.key("ctrl-d")
            equal(s.wait(), 0)
            contains(s.text(), "\nclosed: l1")
            lacks(s.screen.raw.decode(), "\x1b")


@test("an unknown TERM does not stop the shell")
def unknown_term():
    with Shell(term="no-such-terminal") as s:
        equal(s.command("1 + 1"), "2")


@test("states have colours on a terminal that has them, not with NO_COLOR")
def colours():
    with Shell() as s:
        s.command("listen 0")
        contains(s.screen.raw.decode(), "\x1b[36mLISTEN\x1b[0m")
    with Shell(env={"NO_COLOR": "1"}) as s:
        s.command("listen 0")
        lacks(s.screen.raw.decode(), "\x1b[36m")
    with Shell(env={"NO_COLOR": ""}) as s:
        s.command("listen 0")
        contains(s.screen.raw.decode(), "\x1b[36m")


@test("bytes that look like a state are not coloured inside quotes")
def colour_quotes():
    with Shell() as s:
        s.command('x = "LISTEN"')
        s.command("x")
        lacks(s.screen.raw.decode(), "\x1b[36mLISTEN")


@test("with LANG=C bytes outside ASCII are escaped, with UTF-8 they are shown")
def languages():
    for lang, want in (("C", '"\\xe4\\xbd\\xa0"'), ("C.UTF-8", '"你"')):
        with Shell(lang=lang) as s:
            equal(s.command(r'"\u{4f60}"'), want)


@test("a locale that this machine lacks is as good as C, and as C.UTF-8 where it is of UTF-8")
def missing_locale():
    for lang, shown in (("xx_YY", '"\\xe4\\xbd\\xa0"'), ("xx_YY.UTF-8", '"你"'), ("xx_YY.utf8", '"你"')):
        with Shell(lang=lang) as s:
            equal(s.command('"\\u{4f60}"'), shown)


@test("wide characters take two columns: cursor and erasing keep in step")
def wide():
    with Shell() as s:
        s.send("x = '你好吗'")
        s.until(lambda: s.screen.line() == "tcpstep> x = '你好吗'", "the line")
        s.until(lambda: s.screen.x == len("tcpstep> x = ''") + 6, "the cursor at the end")
        s.key("left")
        s.key("backspace")
        s.until(lambda: s.screen.line() == "tcpstep> x = '你好'", "one character less")
        s.until(lambda: s.screen.x == len("tcpstep> x = '") + 4, "the cursor behind it")
        s.key("left")
        s.until(lambda: s.screen.x == len("tcpstep> x = '") + 2, "two columns to the left")
        s.key("end")
        s.command("")
        equal(s.command("#x"), "6")


@test("in 40 columns a long line wraps and is edited as a whole")
def narrow():
    line = "x = 'abcdefghij0123456789abcdefghij0123456789abcdefghij'"
    with Shell(cols=40) as s:
        s.send(line)
        s.until(lambda: s.text().endswith("efghij'"), "the line")
        equal(s.text().replace("\n", "").endswith("tcpstep> " + line), True)
        s.key("ctrl-a")
        s.send("y, ")
        s.until(lambda: s.text().replace("\n", "").endswith("tcpstep> y, " + line), "the line")
        s.key("ctrl-e")
        s.send(", 2")
        s.command("")
        s.command("y")
        contains(s.output().replace("\n", ""), "abcdefghij0123456789abcdefghij0123456789abcdefghij")


@test("on a narrow terminal the shell breaks its own lines between words, and leaves a user's as they are")
def narrow():
    need_lab()
    for lang, word in (("en", "queue"), ("zh", "队列")):
        with LabShell("--lang", lang, cols=50, rows=60) as s:
            for line in ("help", "help connect", "help CLOSE_WAIT", "help ECONNREFUSED", "set", "connect 1",
                         "lab", "hold", "server listen 80", "client connect server:80", "step 2", "held",
                         "state", "trace", "show 2", "explain", "wire", "option client.c1", "nosuch x"):
                s.command(line)
                equal(s.screen.wraps, 0, line + "\n" + s.output())
            # What is to be done stands in a line of its own.
            contains(s.command("wire mtu=100000000"), "\n       mtu=off takes it away.")
            contains(s.command("wire loss=10% delay=5ms jitter=2ms reorder=3% duplicate=100%"), "duplicate=100%\n  ")
            s.command("print(('x'):rep(60))")
            equal(s.output(), "x" * 50 + "\n" + "x" * 10)
            contains(s.command("help accept"), word)


@test("a resize while a line is typed leaves the line whole, and lines wrap at the new width")
def resize():
    text = "x = 'abcdefghij0123456789abcdefghij0123456789'"
    with Shell(cols=80) as s:
        s.send(text)
        s.until(lambda: s.screen.line().endswith("9'"), "the line")
        s.resize(100, 24)
        s.send(" .. 'z'")
        s.until(lambda: s.screen.line() == "tcpstep> " + text + " .. 'z'", "the line, longer")
        s.resize(40, 24)
        s.send(" .. 'w'")
        s.until(lambda: s.screen.line().endswith(" .. 'w'"), "the wrapped line")
        s.command("")
        equal(s.command("#x"), "42")


@test("a resize while a command runs is known at the next prompt")
def resize_running():
    with Shell(cols=80) as s:
        s.send_line("sleep 30")
        s.expect("sleep 30")
        s.until(lambda: s.modes()[3] & 2, "the usual mode of the terminal")  # ICANON
        s.resize(40, 24)
        time.sleep(0.05)
        s.key("ctrl-c")
        s.prompt()
        text = "x = 'abcdefghij0123456789abcdefghij0123456789'"
        row = s.screen.row
        s.send(text)
        s.until(lambda: s.screen.line().endswith("9'"), "the line")
        equal(s.screen.row, row + 1)


@test("bad input gives the prompt back within 50 ms")
def quick():
    bad = ["conect 1", "recv", "recv nobody", "listen 65536", "listen -1", "listen 1e3",
           "connect 1.2.3.4.5:80", "connect ::g:80", "send", 'send "unclosed', 'send "\\q"',
           "close c9", "option c9", "recv c1 exactly -4", "a.b.c", "x = = 2", ")", "\xff",
           "help nothing-like-this", "set nothing 1", "send " + "x" * 3000, "listen " + "9" * 3000]
    limit = 0.05 if "asan" not in TCPSTEP else 0.5
    with Shell(rows=60) as s:
        slow = {}
        for line in bad:
            best = 9
            # Some of its time may be that of others on this machine.
            for _ in range(10):
                began = time.monotonic()
                s.command(line)
                best = min(best, time.monotonic() - began)
                contains(s.output(), "error")
                if best <= limit:
                    break
            else:
                slow[line[:40]] = "%.0f ms" % (best * 1000)
        equal(slow, {})


@test("stdin a terminal and stdout a file: the talk is on the terminal, results in the file")
def stdout_file():
    with tempfile.NamedTemporaryFile() as f:
        with Shell(stdout=f) as s:
            s.command("1 + 41")
            contains(s.command("conect"), "error: unknown command")
            equal(s.quit(), 0)
        equal(open(f.name).read(), "42\n")


@test("-i gives the prompt after lines, a script, and their failures; quit ends it at once")
def interactive():
    with open("a.lua", "w") as f:
        f.write("x = 5\nerror('failed here')\n")
    with Shell("-i", "a.lua") as s:
        contains(s.text(), "failed here")
        equal(s.command("x"), "5")
        equal(s.quit(), 1)
    with Shell("-i", "-e", "y = 6") as s:
        equal(s.command("y"), "6")
        equal(s.quit(), 0)
    with Shell("-i", "-e", "quit 7", wait=False) as s:
        equal(s.wait(), 7)
        lacks(s.text(), "tcpstep>")


@test("quit STATUS ends the shell with that status and says what it closes")
def quit_status():
    with Shell() as s:
        s.command("listen 0")
        s.send_line("quit 42")
        equal(s.wait(), 42)
        contains(s.text(), "closed: l1")
        equal(s.modes(), s.before)


@test("of many sockets that the end closes twenty are named, and the others counted")
def quit_many():
    with Shell() as s:
        s.command("l = listen(0)")
        s.command("for i = 1, 30 do connect(l.port) end")
        s.key("ctrl-d")
        equal(s.wait(), 0)
        contains(s.text().replace("\n", ""), "c18, c19 and 11 more")


@test("after the end the terminal is as it was")
def terminal_back():
    with Shell() as s:
        equal(s.modes() != s.before, True)
        equal(s.quit(), 0)
        equal(s.modes(), s.before)
        equal(s.screen.bracketed, False)
        equal(s.screen.x, 0)


@test("inputrc is obeyed, in $if tcpstep too")
def inputrc():
    with open("inputrc", "w") as f:
        f.write('$if tcpstep\n"\\C-t": "6 * 7"\n$endif\n$if other\n"\\C-o": "wrong"\n$endif\n')
    with Shell(env={"INPUTRC": os.path.abspath("inputrc")}) as s:
        s.key("ctrl-t")
        s.until(lambda: s.screen.line() == "tcpstep> 6 * 7", "the macro")


@test("vi mode from inputrc works")
def vi():
    with open("inputrc", "w") as f:
        f.write("set editing-mode vi\nset show-mode-in-prompt off\n")
    with Shell(env={"INPUTRC": os.path.abspath("inputrc")}) as s:
        s.send("1 + 2")
        s.key("escape")
        s.send("0")
        time.sleep(0.6)  # readline waits for the rest of a key
        s.send("x")
        s.until(lambda: s.screen.line() == "tcpstep>  + 2", "a character less")


main()
