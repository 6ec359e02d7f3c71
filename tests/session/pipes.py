"""pipes.py - tcpstep without a terminal: --json, stdin, -e, files; exit statuses; full disks."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import TCPSTEP, Pipe, run
from tap import contains, equal, lacks, main, test


def keys(event):
    return sorted(event)


@test("--json: each command's result has its stable keys")
def results():
    lines = ["l = listen 0", "connect(l.port)", "accept", "send c1 hello", "recv s1",
             "option c1 nodelay", "shutdown c1 send", "recv s1", "close s1", "close c1",
             "1 + 1, 'two', {three = 3}, nil"]
    r = run("--json", input="\n".join(lines) + "\n")
    equal((r.status, r.err), (0, ""))
    got = {}
    for event in r.json():
        got.setdefault(event.get("command", event["event"]), []).append(event)
    equal(keys(got["listen"][0]), ["command", "event", "local_address", "ms", "socket", "state",
                                   "trail"])
    equal(got["listen"][0]["socket"], "l1")
    equal(keys(got["accept"][0]), ["command", "event", "local_address", "ms", "peer_address",
                                   "socket", "state"])
    equal(got["send"][0]["bytes"], 5)
    equal(keys(got["recv"][0]), ["bytes", "command", "data", "event", "ms", "socket"])
    equal(got["recv"][0]["data"], "hello")
    equal(got["recv"][1].get("eof"), True)
    equal(got["option"][0]["socket"], "c1")
    values = [v["values"] for v in got["values"]]
    equal(values[-1], [2, "two", {"three": 3}, None])


@test("--json: errors are objects on stdout, with code, command, message, hint")
def errors():
    for line, code in (("conect", "usage"), ("connect 127.0.0.1:1", "ECONNREFUSED"),
                       ("recv c1", "usage"), ("(= = 1", "lua"), ("error({code = 'mine'})", "mine"),
                       ("listen 65536", "usage"), ('send "open', "usage")):
        r = run("--json", input=line + "\n")
        equal(r.status, 1, line)
        e = r.json()[-1]
        equal(keys(e), ["code", "command", "event", "hint", "message", "where"], line)
        if code != "mine":
            equal((e["event"], e["code"]), ("error", code), line)


@test("--json: what peers do comes as events: state with its trail, data, queue")
def events():
    with Pipe("--json") as p:
        p.send_line("listen 0")
        port = int(p.event(command="listen")["local_address"].rsplit(":", 1)[1])
        peer = socket.create_connection(("127.0.0.1", port))
        equal(p.event(event="queue"), {"event": "queue", "socket": "l1", "waiting": 1})
        p.send_line("accept")
        p.event(command="accept")
        peer.send(b"12345")
        equal(p.event(event="data"), {"event": "data", "socket": "s1", "bytes": 5})
        peer.shutdown(socket.SHUT_WR)
        e = p.event(event="state", socket="s1")
        equal(e["state"], "CLOSE_WAIT")
        equal([t["state"] for t in e["trail"]], ["ESTABLISHED", "CLOSE_WAIT"])
        contains(e["reason"], "FIN")
        peer.close()
        equal(p.finish().status, 0)


@test("--json: any bytes give valid JSON, one object per line, nothing lost")
def bytes_():
    for data in (bytes(range(256)), b"\n\"\\\x00", b"\xff", "你好\u2028\U0001f600".encode(), b"",
                 b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"):
        lua = "".join("\\x%02x" % b for b in data)
        r = run("--json", input='l = listen 0\nconnect(l.port)\naccept\nx = "%s."\nc1:send(x)\n'
                'recv s1\nx\n{[x] = x}\nerror(x)\n' % lua)
        got = r.json()
        recv = [e for e in got if e.get("command") == "recv"][0]
        back = recv["data"].encode() if "data" in recv else bytes.fromhex(recv["hex"])
        equal(back, data + b".")
        equal(recv["bytes"], len(data) + 1)
        equal(got[-1]["event"], "error")


@test("--json: odd Lua values are valid JSON")
def values():
    r = run("--json", input="0/0, 1/0, -1/0, 1e300, math.mininteger, true\nprint\nprint and {print}\n"
            "t = {} t.t = t return t\n{1, 2, nil, 4}\n{[1.5] = 1, [true] = 2}\ncoroutine.create(print)\n"
            "setmetatable({}, {__tostring = function() return 'x' end})\n")
    equal((r.status, r.err), (0, ""))
    got = r.json()
    equal(len(got), 8)
    equal(got[0]["values"], [None, None, None, 1e300, -(1 << 63), True])


@test("stdin from a pipe: results only, no prompt, no colour, stop at the first error")
def pipe():
    r = run(input="1 + 1\nlisten 0\nconect\n'never'\n")
    equal(r.status, 1)
    equal(r.out.startswith("2\nl1  LISTEN  0.0.0.0:"), True)
    lacks(r.out, "never")
    lacks(r.out + r.err, "\x1b")
    lacks(r.out + r.err, "tcpstep>")
    contains(r.err, 'error: unknown command "conect"')
    equal(run(input="").status, 0)
    equal(run(input="1 + 1").out, "2\n")
    equal(run(input="x = 1\r\nx\r\n").out, "1\n")
    equal(run(input="do\nprint(5)\nend\n").out, "5\n")
    r = run(input="do\nprint(5)\n")
    equal((r.status, r.out), (1, ""))


@test("one byte is counted as one, also where it was not shown")
def one():
    with tempfile.TemporaryDirectory() as d:
        r = run(input="l = listen 127.0.0.1:0\nconnect(l.port)\naccept\nsend c1 abc\nrecv s1 1 discard=yes\n"
                      "recv s1 1 file=one\nrecv s1 1\nset timeout 0\nrecv s1 1 file=none\n", cwd=d)
    contains(r.out, "s1  1 byte discarded\ns1  1 byte written to one\ns1  1 byte  \"c\"\n")
    contains(r.err, "; 0 bytes are in none\n")


@test("stdin from a file, /dev/null, a closed descriptor")
def odd_stdin():
    with tempfile.TemporaryFile() as f:
        f.write(b"sleep 0\n40 + 2\n")
        f.seek(0)
        equal(run(stdin=f).out, "42\n")
    equal(run(stdin=subprocess.DEVNULL).status, 0)
    for script, status in (("<&-", (0, 1)), (">&-", (1,)), ("2>&-", (0,)),
                           ("<&- >&- 2>&-", (0, 1))):
        with tempfile.NamedTemporaryFile("w+") as f:
            done = subprocess.run(
                ["sh", "-c", 'exec "$0" -e "l = listen 0" -e "connect(l.port)" -e accept '
                 '-e "send c1 hi" -e "recv s1" -e "1 + 1" ' + script, TCPSTEP],
                stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=30)
            f.seek(0)
            text = f.read()
            if script == ">&-":
                equal(done.returncode, 1, script + text)
                contains(text, "stdout")
            elif script == "2>&-" or script == "<&-":
                contains(text, '"hi"')
                equal(done.returncode, 0)


@test("-e runs lines in order, stops at the first error; stdin is not touched")
def dash_e():
    equal(run("-e", "x = 2", "-e", "x * 21", input="99 + 1\n").out, "42\n")
    r = run("-e", "1 + 1", "-e", "conect", "-e", "3 + 3")
    equal((r.status, r.out), (1, "2\n"))
    equal(run("-e", "for i = 1, 2 do", "-e", "print(i)", "-e", "end").out, "1\n2\n")
    equal(run("-e", "do").status, 1)


@test("exit statuses: 0, 1, 2, 130, and quit's own")
def statuses():
    equal(run("-e", "quit").status, 0)
    equal(run("-e", "quit 9", "-e", "print(1)").status, 9)
    equal(run("-e", "quit 9", "-e", "print(1)").out, "")
    equal(run("-e", "quit 256").status, 1)
    equal(run("-e", "error()").status, 1)
    equal(run(input="quit 3\n1 + 1\n").status, 3)
    for bad in (["-e"], ["--nonsense"], ["-x"], ["--json=5"], ["--generate"],
                ["--generate", "nonsense"], ["-ex", "-Q"]):
        r = run(*bad)
        equal(r.status, 2, bad)
        contains(r.err, "usage")
        equal(r.out, "")
    equal(run("/nonexistent.lua").status, 1)
    for args in (["-e", "sleep 60"], ["-e", "while true do end"], []):
        p = subprocess.Popen([TCPSTEP] + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        wait_until_sleeping_or_busy(p)
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=20)
        equal(p.returncode, 130, str(args) + err.decode())


def wait_until_sleeping_or_busy(p):
    """Until it has set its handler for SIGINT, and a moment more."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with open("/proc/%d/status" % p.pid) as f:
            caught = int([x for x in f if x.startswith("SigCgt")][0].split()[1], 16)
        if caught & 2:
            break
        time.sleep(0.005)
    time.sleep(0.1)


@test("--help and --version")
def help_():
    for args in (["--help"], ["-h"]):
        r = run(*args)
        equal((r.status, r.err), (0, ""))
        contains(r.out, "usage")
        equal(max(len(line) for line in r.out.splitlines()) <= 80, True)
    for args in (["--version"], ["-V"]):
        equal(run(*args).out.startswith("tcpstep "), True)


@test("a script gets its arguments, from a file and as -; -i is no matter without a prompt")
def scripts():
    with open("a.lua", "w") as f:
        f.write("#!/usr/bin/env tcpstep\nprint(arg[0], arg[1], #arg, ...)\n")
    equal(run("a.lua", "-x", "b c").out, "a.lua\t-x\t2\t-x\tb c\n")
    equal(run("-", "one", input="print(arg[1])\n").out, "one\n")


@test("a full disk under stdout is an error with a status, for results and print() alike")
def full():
    for args in (["-e", "1 + 1"], ["-e", "print(1)"], ["--json", "-e", "1 + 1"], ["--help"],
                 ["--version"], ["--generate", "man"], ["-e", "io.write('x')"],
                 ["-e", "while true do print(1) end"], ["-e", "io.stdout:write('x')"]):
        with open("/dev/full", "w") as f:
            r = run(*args, stdout=f)
        equal(r.status != 0, True, "%s: %d" % (args, r.status))
        if "ENOSPC" not in r.err:
            raise AssertionError("%s: %r" % (args, r.err))
        lacks(r.err, "interrupted")
    with open("p.lua", "w") as f:
        f.write("print(1)\n")
    with open("/dev/full", "w") as f:
        r = run("p.lua", stdout=f)
    equal(r.status, 1)
    contains(r.err, "ENOSPC")


@test("a reader that goes away ends the run")
def broken_pipe():
    r, w = os.pipe()
    os.close(r)
    with os.fdopen(w, "w") as f:
        done = run("-e", "for i = 1, 1e9 do print(i) end", stdout=f, timeout=30)
    equal(done.status, 1)


@test("a slow reader gets every byte")
def slow():
    with Pipe("-e", "print(('x'):rep(1 << 22))", "-e", "1 + 1") as p:
        time.sleep(0.2)
        r = p.finish()
        equal(len(r.raw), (1 << 22) + 1 + 2)


@test("a socket that one close names twice ends once")
def close_twice():
    r = run("-e", "listen 0", "-e", "l2 = listen 0", "-e", "close l1 l2 l1 l2")
    equal(r.out.count("LISTEN -> CLOSED"), 2, r.out)
    lacks(r.out, "  CLOSED")


@test("an address without a port is told how to write it, with its own parts")
def no_port():
    for address, part in (("::1:80", "Write [::1]:80, or [::1:80]:PORT."), ("::1", "Write [::1]:PORT."),
                          ("127.0.0.1", "Write 127.0.0.1:PORT."), ('""', "the address is empty")):
        contains(run("-e", "listen " + address).err, part)


@test("one of a thing is told in the singular")
def singular():
    r = run("-e", "listen 0", "-e", "connect(l1.port)", "-e", "accept", "-e", "send c1 x", "-e", "recv s1 1 file=one")
    contains(r.out, "s1  1 byte written to one\n")
    r = run("-e", "listen 0", "-e", "connect(l1.port)", "-e", "accept", "-e", "send c1 x",
            "-e", "recv s1 exactly 2 file=two timeout=0.01")
    contains(r.err, "; 1 byte is in two\n")


main()
