"""events.py - what peers do appears above the line being typed, which stays whole."""
import os
import re
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import Shell
from tap import contains, equal, lacks, main, test


def connected(s):
    """The shell's c1 and our end of it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        s.command("connect 127.0.0.1:%d" % listener.getsockname()[1])
        return listener.accept()[0]


def listening(s):
    """The port of the shell's l1."""
    return int(re.search(r":(\d+)", s.command("listen 0 backlog=600")).group(1))


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def whole(s, line, event, left=0):
    """The event stands above the line, the line is as typed, the cursor where it was."""
    from screen import char_width
    width = sum(char_width(c) for c in line)
    place = len("tcpstep> ") + width - sum(char_width(c) for c in line[len(line) - left:])
    rows = []

    def look():
        text = s.text(s.mark)
        if event not in text:
            return False
        rows[:] = text[text.index(event):].split("\n")[1:]
        return "".join(rows) == "tcpstep> " + line and \
            s.screen.row - s.mark == len(text[:text.index(event)].split("\n")) + \
            place // s.screen.cols and s.screen.x == place % s.screen.cols
    s.until(look, "%r above %r" % (event, line))


@test("data, FIN, RST and a waiting connection are told of by themselves")
def kinds():
    with Shell() as s:
        peer = connected(s)
        peer.send(b"hello")
        s.expect("^    c1  5 bytes ready to read$")
        peer.shutdown(socket.SHUT_WR)
        s.expect("^    c1  ESTABLISHED -> CLOSE_WAIT  .*FIN")
        reset(peer)
        s.expect("^    c1  CLOSE_WAIT -> CLOSED  .*RST")
        port = listening(s)
        with socket.create_connection(("127.0.0.1", port)):
            s.expect("^    l1  1 connection waits")
        s.until(lambda: s.screen.line() == s.PROMPT, "the prompt under the events")


@test("an event above a half-typed line leaves line and cursor as they were")
def half_typed():
    with Shell() as s:
        peer = connected(s)
        s.from_here()
        s.send("send c1 'half")
        s.send("\x02\x02")
        s.until(lambda: s.screen.x == len("tcpstep> send c1 'ha"), "the cursor, inside")
        peer.send(b"x")
        whole(s, "send c1 'half", "c1  1 byte ready to read", left=2)
        s.key("end")
        s.from_here()
        s.send("'\r")
        s.prompt()
        contains(s.output(), "c1  sent 4 bytes")
        peer.close()


@test("a line that wraps stays whole, wherever the cursor is in it")
def wrapped():
    line = "x = 'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789'"
    for left in (0, 10, 40, len(line)):
        with Shell(cols=40) as s:
            peer = connected(s)
            s.from_here()
            s.send(line)
            s.send("\x02" * left)
            at = len("tcpstep> " + line) - left
            s.until(lambda: s.screen.x == at % 40 and
                    "".join(s.text(s.mark).split("\n")) == "tcpstep> " + line, "the line")
            peer.send(b"x")
            whole(s, line, "c1  1 byte ready to read", left)
            peer.close()
            s.expect("CLOSE_WAIT")
            s.send("\x05")
            s.command("")
            equal(s.command("#x"), "72")


@test("a line with wide characters stays whole, wrapped too")
def wide():
    for cols, line in ((80, "x = '你好，世界'"), (41, "x = '你好你好你好你好你好你好你好你好你好你好'")):
        with Shell(cols=cols) as s:
            peer = connected(s)
            s.from_here()
            s.send(line)
            s.until(lambda: "".join(s.text(s.mark).split("\n")) == "tcpstep> " + line, "the line")
            x, rows = s.screen.x, len(s.text(s.mark).split("\n"))
            peer.send(b"x")
            s.expect("c1  1 byte ready to read$")
            s.until(lambda: "".join(s.text(s.mark).split("\n")[1:]) == "tcpstep> " + line and
                    s.screen.x == x, "the line below the event")
            equal(len(s.text(s.mark).split("\n")), rows + 1)
            peer.close()


@test("an event during a search in the history leaves the search as it was")
def search():
    with Shell() as s:
        s.command("'needle'")
        peer = connected(s)
        s.from_here()
        s.key("ctrl-r")
        s.send("need")
        s.until(lambda: s.screen.line() == "(reverse-i-search)`need': 'needle'", "the search")
        peer.send(b"x")
        s.expect("^    c1  1 byte ready to read$")
        s.until(lambda: s.screen.line() == "(reverse-i-search)`need': 'needle'", "the search")
        s.send("l")
        s.until(lambda: "needl'" in s.screen.line(), "the search, going on")
        s.from_here()
        s.key("enter")
        s.prompt()
        equal(s.output(), '"needle"')
        peer.close()


@test("an event while unfinished Lua is typed keeps the second prompt")
def second_prompt():
    with Shell() as s:
        peer = connected(s)
        s.send_line("do")
        s.expect("^ +>>$")
        s.send("print(")
        s.until(lambda: s.screen.line() == "     >> print(", "the line")
        peer.send(b"x")
        s.expect("^    c1  1 byte ready to read$")
        s.until(lambda: s.screen.line() == "     >> print(", "the line")
        peer.close()


@test("on a dumb terminal an event stands on a row of its own")
def dumb():
    with Shell(term="dumb") as s:
        peer = connected(s)
        s.send("half typed")
        s.until(lambda: s.screen.line().endswith("half typed"), "the line")
        peer.send(b"x")
        s.expect("^    c1  1 byte ready to read$")
        s.until(lambda: s.screen.line() == "tcpstep> half typed", "the line")
        lacks(s.screen.raw.decode(), "\x1b")
        peer.close()


@test("events come while a command waits, and it goes on waiting")
def while_waiting():
    with Shell() as s:
        peer = connected(s)
        port = listening(s)
        s.send_line("recv c1")
        with socket.create_connection(("127.0.0.1", port)):
            s.expect("^    l1  1 connection waits")
            peer.send(b"now")
            s.expect('^c1  3 bytes  "now"')
        peer.close()


@test("set events off is obeyed")
def off():
    with Shell() as s:
        peer = connected(s)
        s.command("set events off")
        s.from_here()
        peer.send(b"x")
        s.quiet(0.4)
        equal(s.text(s.mark), s.PROMPT)
        peer.close()


@test("500 clients at once make no storm of lines")
def crowd():
    with Shell(rows=50) as s:
        port = listening(s)
        s.from_here()
        peers = [socket.create_connection(("127.0.0.1", port)) for _ in range(500)]
        s.expect("^    l1  [0-9]+ connections? waits?|^    l1 .*wait")
        s.quiet(0.5)
        lines = len(s.text(s.mark).split("\n"))
        equal(lines < 20, True, "%d lines:\n%s" % (lines, s.text(s.mark)))
        contains(s.command("state l1"), "500")
        for peer in peers:
            peer.close()
        equal(s.command("1 + 1"), "2")


@test("a peer that floods makes one line, not one per segment")
def flood():
    with Shell() as s:
        peer = connected(s)
        peer.setblocking(False)
        s.from_here()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                peer.send(b"x" * 1000)
            except BlockingIOError:
                time.sleep(0.005)
            s.pump(0)
        s.quiet(0.3)
        lines = len(s.text(s.mark).split("\n"))
        equal(lines <= 3, True, s.text(s.mark))
        peer.close()


@test("a peer's escape sequences are not seen by the terminal")
def escapes():
    with Shell() as s:
        peer = connected(s)
        nasty = b"\x1b]0;x\x07\x1b[2J\xc2\x9b5m\x9b\x0e\xe2\x80\xae"
        peer.send(nasty)
        s.expect("bytes ready to read")
        s.command("recv c1 peek=yes")
        s.command("x = c1:recv()")
        s.command("x")
        s.command("print(x)")
        s.command("{x}")
        s.command("error(x)")
        equal(s.screen.strange, [])
        lacks(s.screen.raw, b"\x1b[2J")
        lacks(s.screen.raw, b"\xe2\x80\xae")
        peer.close()


@test("recv & waits in the background and tells when it is done")
def background():
    with Shell() as s:
        peer = connected(s)
        contains(s.command("recv c1 &"), "t1")
        s.send("1 + ")
        peer.send(b"later")
        s.expect("^.*t1.*done|^.*5 bytes")
        s.until(lambda: s.screen.line() == "tcpstep> 1 +", "the line")
        s.from_here()
        s.send("1\r")
        s.prompt()
        equal(s.output(), "2")
        peer.close()


@test("send file= shows its progress after a second, and takes it away afterwards")
def progress():
    for cols in (80, 40, 20):
        with open("file", "w") as f:
            f.truncate(30 << 20)
        with Shell(cols=cols) as s:
            peer = connected(s)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            s.send_line("send c1 file=file")
            began = time.monotonic()
            seen = None
            s.quiet(0.5)
            lacks(s.text(s.mark), "MB/s")
            s.until(lambda: "bytes se" in s.screen.line(), "the bar")
            seen = time.monotonic() - began
            equal(seen > 0.8, True, "seen after %.2f s" % seen)
            row = s.screen.row
            s.quiet(0.05)
            equal(len(s.screen.line()) < cols, True)
            left = 30 << 20
            while left:
                left -= len(peer.recv(1 << 20))
                s.pump(0)
            s.until(lambda: s.screen.line() == s.PROMPT, "the prompt")
            lacks(s.text(s.mark), "bytes sent  ")
            contains(s.text(s.mark).replace("\n", ""), "c1  sent 31,457,280")
            contains(s.screen.lines(row)[0], "c1  sent")
            peer.close()


@test("a bar that Ctrl-C ends is taken away too")
def progress_cancelled():
    with open("file", "w") as f:
        f.truncate(1 << 30)
    with Shell() as s:
        peer = connected(s)
        s.send_line("send c1 file=file")
        s.until(lambda: "bytes se" in s.screen.line(), "the bar")
        s.key("ctrl-c")
        s.prompt()
        lacks(s.output(), "bytes sent")
        contains(s.output(), "interrupted")
        peer.close()


@test("what a recv says is left to read is not told once more")
def left_once():
    with Shell() as s, connected(s) as peer:
        s.send_line("recv c1 line")
        peer.sendall(b"one\ntwo")
        s.prompt()
        contains(s.output(), '"one\\n"  (3 more to read)')
        s.command("1")
        lacks(s.text(), "3 bytes ready")


main()
