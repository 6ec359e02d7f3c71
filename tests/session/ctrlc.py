"""ctrlc.py - Ctrl-C, Ctrl-Z, Ctrl-D and the signals that end a program, at good and bad moments."""
import os
import re
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import PATIENCE, TCPSTEP, Shell
from tap import contains, equal, lacks, main, test

ICANON, ISIG, ECHO = 2, 1, 8


def running(s, line):
    """Types a line and waits until it runs: the terminal is then in its usual mode."""
    s.send_line(line)
    s.until(lambda: s.modes()[3] & ICANON, "%r to run" % line)


def cancelled(s):
    """Ctrl-C, and the prompt is back below."""
    while s.pump(0):
        pass
    s.from_here()
    s.key("ctrl-c")
    s.prompt()


def pair(s):
    s.command("l = listen 0")
    s.command("connect(l.port)")
    s.command("accept")


@test("Ctrl-C cancels a wait and nothing else; what arrives later is all there")
def wait():
    with Shell() as s:
        pair(s)
        for line in ("recv c1", "recv c1 exactly 10", "recv c1 line", "c1:recv()", "sleep 60",
                     "accept", "wait(spawn(recv, c1))", "coroutine.wrap(recv)(c1)"):
            running(s, line)
            cancelled(s)
            contains(s.output(), "interrupted")
        contains(s.command("state c1"), "ESTABLISHED")


@test("a cancelled recv has consumed nothing")
def consumed():
    with Shell() as s:
        pair(s)
        s.command('send c1 "half"')
        for line in ("recv s1 exactly 10", "recv s1 line", "recv s1 all"):
            running(s, line)
            cancelled(s)
        s.command('send c1 " whole"')
        contains(s.command("recv s1 exactly 10"), '"half whole"')


@test("Ctrl-C throws away a half-typed line, wherever its cursor is")
def half_typed():
    with Shell(cols=40) as s:
        s.send("x = 1 ..")
        s.until(lambda: s.screen.line().endswith(".."), "the line")
        cancelled(s)
        equal(s.text().split("\n")[-2], "tcpstep> x = 1 ..^C")
        s.send("y = 'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz'")
        s.key("home")
        s.until(lambda: s.screen.x == 9 and "xyz'" in s.text(), "the cursor at the start")
        cancelled(s)
        contains(s.text(), "xyz'^C\ntcpstep>")
        equal(s.command("x, y"), "nil\nnil")


@test("Ctrl-C leaves a search in the history, and a quoted insert")
def search():
    with Shell() as s:
        s.command("1 + 1")
        s.key("ctrl-r")
        s.send("1")
        s.until(lambda: "i-search" in s.screen.line(), "the search")
        cancelled(s)
        s.key("ctrl-v")
        cancelled(s)
        equal(s.command("2 + 2"), "4")


@test("Ctrl-C throws away unfinished Lua")
def unfinished():
    with Shell() as s:
        s.send_line("for i = 1, 3 do")
        s.expect("^ +>>$")
        s.send("print(")
        cancelled(s)
        equal(s.command("1 + 1"), "2")


@test("a loop that catches all errors is stopped, also in coroutines")
def loops():
    with Shell() as s:
        loop = "while true do pcall(function() while true do end end) end"
        for line in (loop, "while true do end", "repeat until false",
                     "coroutine.wrap(function() %s end)()" % loop,
                     "while true do coroutine.wrap(function() pcall(error) end)() end",
                     "pcall(pcall, function() %s end)" % loop,
                     "while true do pcall(sleep, 0) end",
                     "while true do pcall(recv, nil) end",
                     "wait(spawn(function() %s end))" % loop):
            running(s, line)
            time.sleep(0.05)  # deep inside the loop
            cancelled(s)
            contains(s.output(), "interrupted")
        equal(s.command("1 + 1"), "2")


@test("a background loop is stopped by Ctrl-C too")
def background_loop():
    with Shell() as s:
        s.send_line("t = spawn(function() while true do end end)")
        s.until(lambda: s.screen.row > s.mark, "the line to run")
        time.sleep(0.1)
        s.from_here()
        s.key("ctrl-c")
        s.send_line("1 + 1")
        s.expect("^2$")


@test("a C function that never looks: the third Ctrl-C ends the shell, the terminal is whole")
def bombs():
    for bomb in ("('a'):rep(60):find(('a*'):rep(60) .. 'b')",
                 "('x'):rep(4000):find('.-.-.-.-.-y')"):
        with Shell() as s:
            s.command("1 + 1")
            running(s, bomb)
            time.sleep(0.1)
            s.key("ctrl-c")
            time.sleep(0.1)
            s.key("ctrl-c")
            s.expect("waiting for Lua to stop; Ctrl-C once more")
            s.key("ctrl-c")
            equal(s.wait(), 130)
            equal(s.modes(), s.before)
            equal(s.screen.bracketed, False)
            with open(s.home + "/state/tcpstep/history") as f:
                contains(f.read(), bomb)


@test("a huge string.rep is an error, not the end")
def memory():
    with Shell() as s:
        contains(s.command("#('x'):rep(1 << 60)"), "error")
        equal(s.command("1 + 1"), "2")


@test("Ctrl-C in the middle of a paste throws it away")
def during_paste():
    with Shell() as s:
        s.send("\x1b[200~1 + 1\r2 + ")
        time.sleep(0.1)  # readline waits for the end of the paste
        cancelled(s)
        s.send("\x1b[201~")
        equal(s.command("3 + 4"), "7")


@test("Ctrl-C while pasted lines run stops the rest of them")
def pasted_lines():
    with Shell() as s:
        s.paste("sleep 60\nx = 5\ny = 6\n")
        s.until(lambda: "y = 6" in s.text(), "the paste")
        s.send("\r")
        s.until(lambda: s.modes()[3] & ICANON, "sleep to run")
        s.from_here()
        cancelled(s)
        contains(s.text(), "2 more pasted lines were not run")
        equal(s.command("x, y"), "nil\nnil")


@test("Ctrl-C during the send of a huge file says how many bytes went")
def huge():
    with open("huge", "w") as f:
        f.truncate(1 << 33)
    with Shell() as s:
        pair(s)
        running(s, "send c1 file=huge")
        time.sleep(0.1)
        cancelled(s)
        contains(s.output(), "interrupted")
        equal(bool(re.search(r"[1-9]\d* of \d+ bytes", s.output())), True)
        contains(s.command("state c1"), "ESTABLISHED")


def segments(name, n):
    """A capture of n equal segments."""
    packet = struct.pack("!BBHHHBBH4s4sHHIIBBHHH", 0x45, 0, 40, 0, 0, 64, 6, 0, b"\x7f\0\0\1",
                         b"\x7f\0\0\2", 4000, 80, 1, 1, 0x50, 16, 1000, 0, 0)
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        f.write((struct.pack("<IIII", 1, 0, 40, 40) + packet) * n)


@test("Ctrl-C during the load of a huge capture, and while a long trace is told, ends it")
def long_trace():
    segments("long.pcap", 100000)
    segments("huge.pcap", 500000)
    with Shell(cwd=os.getcwd()) as s:
        s.command("load long.pcap")
        running(s, "load huge.pcap")
        time.sleep(0.1)
        cancelled(s)
        contains(s.output(), "huge.pcap: interrupted")
        equal(s.command("show().number"), "100000")
        running(s, "for i = 1, 1000 do explain() end")
        time.sleep(0.1)
        cancelled(s)
        contains(s.output(), "explain: interrupted")


@test("Ctrl-C while states settle after close does not lose the close")
def settling():
    with Shell() as s, socket.create_server(("127.0.0.1", 0)) as server:
        s.command("l = listen 0")
        port = int(s.command("l.port"))
        s.command("connect 127.0.0.1:%d" % server.getsockname()[1])
        ends = {"c1": server.accept()[0], "s1": socket.create_connection(("127.0.0.1", port))}
        s.command("accept")
        for name, peer in ends.items():
            s.send_line("close " + name)
            # The FIN has come, and its ACK is delayed.
            peer.settimeout(PATIENCE)
            equal(peer.recv(1), b"")
            s.key("ctrl-c")
            # Whether it met the settling or the prompt, and its echo, cannot be seen for sure.
            s.quiet(0.3)
            equal(s.screen.line(), s.PROMPT)
        contains(s.command("state"), "LISTEN")
        lacks(s.output(), "ESTABLISHED")
        for peer in ends.values():
            peer.close()


@test("many Ctrl-C at the prompt do no harm")
def many():
    with Shell() as s:
        for _ in range(20):
            cancelled(s)
        equal(s.command("1 + 1"), "2")
        for _ in range(50):
            s.key("ctrl-c")
        s.quiet(0.2)
        if s.process.poll() is None:
            equal(s.command("1 + 1"), "2")


@test("Ctrl-C right behind a half-typed line, a hundred times, is never lost")
def race():
    with Shell() as s:
        for n in range(100):
            s.from_here()
            s.send("abc" * (n % 7) + "\x1b[" * (n % 3 == 0))
            cancelled(s)


@test("type-ahead while a command runs is kept for the next prompt")
def type_ahead():
    with Shell() as s:
        running(s, "sleep 0.3")
        s.send("20 + 22\r")
        s.expect("^42$")
        s.prompt()
        running(s, "sleep 0.3")
        s.send("half ")
        s.until(lambda: s.screen.line().endswith("tcpstep> half"), "the half-typed line")


@test("Ctrl-Z stops, SIGCONT brings the prompt and the half-typed line back")
def stop():
    # A stop needs somebody who could continue: a shell of the same session.
    with Shell(program=["bash", "--norc", "-i"], wait=False, env={"PS1": "$ "}) as s:
        s.until(lambda: s.screen.line() == "$", "bash")
        s.send_line(TCPSTEP)
        s.until(lambda: s.screen.line() == s.PROMPT, "the prompt")
        s.send("1 + 41")
        s.until(lambda: s.screen.line() == "tcpstep> 1 + 41", "the line")
        s.key("ctrl-z")
        s.expect("Stopped")
        s.until(lambda: s.screen.line() == "$", "bash")
        s.send_line("stty -a | grep -o ' icanon'; fg")
        s.until(lambda: s.screen.line() == "tcpstep> 1 + 41", "the line, back")
        s.from_here()
        s.key("enter")
        s.prompt()
        equal(s.output(), "42")
        running(s, "while true do end")
        s.key("ctrl-z")
        s.until(lambda: s.screen.line() == "$", "bash, while Lua ran")
        s.send_line("fg")
        s.expect("^.*tcpstep.*$")
        time.sleep(0.1)
        s.from_here()
        s.key("ctrl-c")
        s.until(lambda: s.screen.line() == s.PROMPT, "the prompt")
        s.key("ctrl-d")
        s.until(lambda: s.screen.line() == "$", "bash")


@test("Ctrl-Z where nobody could continue the shell does not freeze it")
def orphan():
    with Shell() as s:
        s.send("1 + 1")
        s.key("ctrl-z")
        equal(s.command(""), "2") if False else None
        s.quiet(0.2)
        cancelled(s)
        equal(s.command("2 + 2"), "4")
        running(s, "sleep 0.2")
        s.key("ctrl-z")
        s.until(lambda: s.screen.line().endswith(s.PROMPT), "the prompt")


@test("SIGSTOP and SIGCONT at the prompt leave a working prompt")
def frozen():
    with Shell() as s:
        s.send("1 + ")
        s.until(lambda: s.screen.line() == "tcpstep> 1 +", "the line")
        s.signal(signal.SIGSTOP)
        prompts = s.screen.raw.count(b"\x1b[?2004h")
        s.signal(signal.SIGCONT)
        s.until(lambda: s.screen.raw.count(b"\x1b[?2004h") > prompts and
                s.screen.line() == "tcpstep> 1 +", "the line, drawn anew")
        equal(s.command("1"), "2")


@test("Ctrl-D on an empty line quits and says what it closes; on another it deletes")
def end():
    with Shell() as s:
        pair(s)
        s.send("1 + 41")
        s.key("home")
        s.key("ctrl-d")
        s.until(lambda: s.screen.line() == "tcpstep>  + 41", "a character less")
        s.send("3")
        s.until(lambda: s.screen.line() == "tcpstep> 3 + 41", "the line")
        s.from_here()
        s.key("enter")
        s.prompt()
        equal(s.output(), "44")
        equal(s.quit(), 0)
        contains(s.text(), "tcpstep>\nclosed: l1, c1, s1")


@test("Ctrl-D in unfinished Lua quits and does not run it")
def end_unfinished():
    with Shell() as s:
        s.send_line("do")
        s.expect("^ +>>$")
        equal(s.quit(), 0)


@test("SIGTERM and SIGHUP end the shell and leave the terminal as it was")
def terminated():
    for sig in (signal.SIGTERM, signal.SIGHUP):
        for line in (None, "sleep 60", "while true do end",
                     "while true do pcall(function() while true do end end) end"):
            with Shell() as s:
                if line:
                    running(s, line)
                    time.sleep(0.05)
                else:
                    s.send("half")
                    s.until(lambda: s.screen.line().endswith("half"), "the line")
                s.signal(sig)
                equal(s.wait(), 128 + sig, "%s in %s" % (sig, line))
                equal(s.modes(), s.before)
                equal(s.screen.bracketed, False)
                lacks(s.text(), "error")


@test("a second SIGTERM ends what does not look at the first")
def terminated_bomb():
    with Shell() as s:
        running(s, "('a'):rep(60):find(('a*'):rep(60) .. 'b')")
        time.sleep(0.1)
        s.signal(signal.SIGTERM)
        time.sleep(0.1)
        s.signal(signal.SIGTERM)
        equal(s.wait(), 128 + signal.SIGTERM)
        equal(s.modes(), s.before)


@test("when the terminal goes away, the shell ends")
def hung_up():
    s = Shell()
    s.command("listen 0")
    os.close(s.master)
    os.close(s.slave)
    s.master = s.slave = -1
    equal(s.process.wait(PATIENCE) != 0, True)
    s.close()


@test("when the terminal goes away in the middle of a paste, the shell ends")
def hung_up_pasting():
    s = Shell()
    s.send("\x1b[200~" + "x" * 64)
    time.sleep(0.1)  # readline waits for the end of the paste
    os.close(s.master)
    os.close(s.slave)
    s.master = s.slave = -1
    equal(s.process.wait(PATIENCE) != 0, True)
    s.close()


main()
