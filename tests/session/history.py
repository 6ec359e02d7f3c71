"""history.py - a session saved as a script runs, and does again what was done."""
import os
import re
import socket
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from mask import free_port
from rows import PORT, commands, example
from shell import Shell, run
from tap import contains, equal, lacks, main, test

SAVES = ["history save plain.lua force=yes", "history save checks.lua expect=yes force=yes"]

# What may still be told although all is well.
NOTES = re.compile("note: the script has ended; background tasks were stopped|-- ")


def complaints(err):
    return [line for line in err.split("\n") if line and not NOTES.match(line)]


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def body(script):
    """Its lines, without those that say what it is."""
    return [line for line in script.split("\n") if line and not line.startswith(("#!", "-- saved"))]


def both_run(text):
    """Both files run to their ends; gives their lines."""
    for path in ("plain.lua", "checks.lua"):
        r = run(path)
        equal((r.status, complaints(r.err)), (0, []), "%s\n--- session\n%s\n--- %s\n%s" % (
            path, text, path, read(path)))
    return body(read("plain.lua")), body(read("checks.lua"))


def saved(lines, *args):
    """The session by a pipe, saved in both ways."""
    text = "\n".join(lines + SAVES + [""])
    r = run(*args, input=text)
    equal((r.status, complaints(r.err)), (0, []), text + r.out)
    return both_run(text + r.out)


def typed(lines, *args, kind=Shell):
    """The same at a terminal, where a command may fail, and a held wire gives the prompt back."""
    with kind(*args, cols=200, rows=50) as s:
        for line in lines + SAVES:
            s.command(line)
        text = s.text()
        s.quit()
    contains(text, "run it with: tcpstep checks.lua")
    return both_run(text)


# --- every command ---

def round_trip(name):
    port = str(free_port())
    lines = [line.replace(PORT, port) for line in example(name) if line != "quit"]
    r = run(input="\n".join(lines + ["history save x.lua", ""]))
    # What only looks leaves nothing to save.
    if "nothing was typed in this session that a script could repeat" not in r.err:
        equal(r.status, 0, r.err)
        saved(lines)


for name_ in commands():
    test("the example of %s, saved, runs" % name_)(lambda n=name_: round_trip(n))


# --- whole sessions ---

SESSION = """\
listen 7788 backlog=5
connect 127.0.0.1:7788
state
accept
send c1 "你好\\n"
recv s1 1024
send s1 "thank you !"
recv c1 1024
close c1
recv s1
close s1
state
conect 127.0.0.1:9
connect 127.0.0.1:9"""

SCENARIO = """\
#!/usr/bin/env tcpstep
-- saved by tcpstep VERSION; two failed commands left out
l1 = listen(7788, {backlog = 5})
c1 = connect("127.0.0.1:7788")
s1 = accept()
send(c1, "你好\\n")
check.equal(recv(s1, 1024), "你好\\n")
send(s1, "thank you !")
check.equal(recv(c1, 1024), "thank you !")
close(c1)
check.eof(s1)
close(s1)
check.state(c1, "TIME_WAIT")
"""


@test("session 1 of the design becomes the scenario that the design shows")
def session1():
    port = str(free_port())
    typed(SESSION.replace("7788", port).split("\n"))
    got = re.sub(r"tcpstep \d+\.\d+\.\d+;", "tcpstep VERSION;", read("checks.lua"))
    equal(got, SCENARIO.replace("7788", port))


@test("a session saved with expect=yes passes as a scenario of tcpstep test")
def scenario():
    port = free_port()
    saved(["listen %d" % port, "connect %d" % port, "accept", "close c1", "recv s1", "close s1"])
    r = run("test", "checks.lua")
    equal(r.status, 0, r.out + r.err)
    contains(r.out, "ok")


def passes():
    """checks.lua as a scenario, which is more than a script that runs."""
    r = run("test", "checks.lua")
    equal(r.status, 0, r.out + r.err + read("checks.lua"))


@test("where nothing was checked, the last states are: expect=yes makes a scenario that passes")
def last_states():
    need_lab()
    _, checks = saved(["lab", "server listen 80", "client connect server:80", "server accept", "state"])
    equal(checks[-1], 'check.states{[c1] = "ESTABLISHED", [l1] = "LISTEN", [s1] = "ESTABLISHED"}')
    passes()
    _, checks = saved(["lab", "server listen 80", "lab off", "x = 1"])
    equal(checks[-1], "check(true) -- nothing was seen that could be checked")
    passes()


@test("a spawned function that has failed, which was told, fails no scenario")
def spawned_failure():
    port = free_port()
    plain, _ = typed(["listen %d" % port, 't = spawn(function() error("mine") end)', "sleep 50ms", "wait t",
                      "connect %d" % port, "t2 = spawn(function() return 7 end)", "wait t2"])
    contains("\n".join(plain), "do local spawn = function(...) return spawn(pcall, ...) end\n"
                               't = spawn(function() error("mine") end)\nend\n')
    passes()


@test("a recv into a file whose time was over has taken bytes, and takes them again")
def recv_file_timeout():
    port = free_port()
    _, checks = typed(["listen %d" % port, "connect %d" % port, "accept", "send c1 abc",
                       "recv s1 file=out.bin timeout=100ms", "send c1 def", "recv s1"])
    contains("\n".join(checks), 'pcall(recv, s1, {file = "out.bin", timeout = "100ms", force = true})')
    contains("\n".join(checks), 'check.equal(recv(s1), "def")')
    lacks(read("checks.lua"), "left out")
    passes()


@test("a session longer than a test may take says with which limit it passes")
def long_session():
    for seconds, told in ((1, False), (16, True)):
        r = run("-e", 'print(require("tcpstep.session_script").write({tasks = {}, '
                '{text = "sleep(%d)", ended = "ok", seconds = %d}}, true))' % (seconds, seconds))
        equal("\n-- It may take longer than a test usually may: tcpstep test --timeout 32 FILE\n" in r.out, told, r.out)


@test("what a task has given is waited for once, whatever it is called")
def waited_once():
    port = free_port()
    _, checks = saved(["listen %d" % port, "t = accept &", "connect %d" % port, "wait t", "recv s1 &", "send c1 x",
                       "wait t2", "x = wait t"])
    equal([line for line in checks if "wait" in line],
          ["s1 = wait(t)", 'check.equal(wait(t2), "x")', "x = wait(t)"])
    passes()


@test("a connection that was injected in the lab comes from no other program")
def injected():
    need_lab()
    plain, _ = saved(["lab", "server listen 80", "inject from 10.77.0.9:40 to server:80 S 0:0(0) win 65535",
                      "expect from server S. 0:0(0) ack 1",
                      "inject from=10.77.0.9:40 to=server:80 flags=ACK seq=1 ack=1 window=1000", "accept"])
    lacks("\n".join(plain), "another program")
    passes()


@test("sockets of a second lab are not taken for those of the first")
def second_lab():
    need_lab()
    lines = ["lab client server", "server listen 80", "client connect server:80", "server accept",
             "client.c1 close", "server.s1 close", "lab off"]
    _, checks = saved(lines + lines)
    equal(checks.count('check.state(c1, "TIME_WAIT")'), 2)
    equal(checks.count('lab("off")'), 2)


@test("history save says how many commands it has saved, and how to run them")
def note():
    with Shell() as s:
        s.command("listen 0")
        equal(s.command("history save first.lua"), "first.lua  1 command; run it with: tcpstep first.lua")
        equal(s.command("history save '-it is.lua'"), "-it is.lua  1 command; run it with: tcpstep './-it is.lua'")


@test("the handshake on a held wire, saved, waits for each segment by what is in it")
def session2():
    need_lab()
    plain, _ = typed(["lab client server", "hold", "server listen 80", "client connect server:80", "show 1",
                      "step", "", "", "ladder", "save handshake.pcapng"], kind=LabShell)
    equal([line for line in plain if line.startswith(("step", "t1", "c1"))], [
        't1 = spawn(function() return client:connect("server:80") end)',
        'step("#" .. check.held{from = "client", flags = "SYN", seq = 0}.number)',
        'step("#" .. check.held{from = "server", flags = "SYN,ACK", seq = 0, ack = 1}.number)',
        'c1 = wait(t1)',
        'step("#" .. check.held{from = "client", flags = "ACK", seq = 1, ack = 1}.number)'])


@test("a lab's connection from its handshake to its close, saved, goes through the same states")
def lab_close():
    need_lab()
    _, checks = saved(["server listen 80", "client connect server:80", "server accept", "client.c1 send abc",
                       "client.c1 send def", "server.s1 recv", "server.s1 send ghi", "client.c1 recv 2",
                       "client.c1 recv", "client.c1 close", "server.s1 close"], "--lab=client,server")
    contains("\n".join(checks), 'check.states{[c1] = "FIN_WAIT_2", [s1] = "CLOSE_WAIT"}\ns1:close()\n'
                                'check.state(c1, "TIME_WAIT")')


@test("bytes of several sends are asked for by their count, those of one as they were")
def counts():
    port = free_port()
    _, checks = saved(["listen %d" % port, "connect %d" % port, "accept", "send c1 ab", "send c1 cd", "recv s1",
                       "send c1 ef", "recv s1 peek=yes", "recv s1 100", "send c1 ghi", "recv s1 1", "recv s1 1"])
    equal([line for line in checks if "recv" in line], [
        'check.equal(recv(s1, "exactly", 4), "abcd")',
        'check.equal(recv(s1, {peek = true}), "ef")',
        'check.equal(recv(s1, 100), "ef")',
        'check.equal(recv(s1, "exactly", 1), "g")',
        'check.equal(recv(s1, "exactly", 1), "h")'])


@test("a port that the kernel chose is asked of its socket, also in Lua lines")
def ephemeral():
    with Shell() as s:
        port = re.search(r"0\.0\.0\.0:(\d+)", s.command("listen 0")).group(1)
        s.command("connect 127.0.0.1:%s" % port)
        s.command("connect %s" % port)
        s.command('x = connect("127.0.0.1:%s")' % port)
        s.command("y = {%s}" % port)
        for line in SAVES:
            s.command(line)
        text = s.text()
    plain, _ = both_run(text)
    equal(plain, ["l1 = listen(0)", 'c1 = connect("127.0.0.1:" .. l1.port)', "c2 = connect(l1.port)",
                  'x = connect("127.0.0.1:" .. l1.port)', "y = {l1.port}"])


@test("names that were given are used, and the socket's own name finds it too")
def names():
    port = free_port()
    plain, _ = saved(["web = listen %d" % port, "a = connect %d" % port, "b = accept web", "send a hi",
                      "text = recv b", "close c1", "s1:close()"])
    equal(plain, ["web = listen(%d)" % port, "a = connect(%d)" % port, "b = accept(web)", 'send(a, "hi")',
                  "text = recv(b)", "close(a)", "s1:close()"])


@test("bytes of any value are in the script as they were")
def any_bytes():
    port = free_port()
    saved(["listen %d" % port, "connect %d" % port, "accept", r'send c1 "\x00\x1b[2J\xff\"\\\u{202e}"',
           "recv s1", "send c1 \"\\x01\" 'a\\b' 123 0x10 end", "recv s1"])


@test("Lua lines stay as they are, each with locals of its own")
def lua_lines():
    port = free_port()
    plain, _ = saved(["listen %d" % port, "connect %d" % port, "local c1 = 5; x = c1", "1 + 1", "c1",
                      "assert(x == 5) -- a comment", '("x"):rep(3)', "for i = 1, 3 do", "c1:send(tostring(i))",
                      "end", "s = accept()", "assert(s:recv('exactly', 3) == '123')", "return 7",
                      "if x then return 8 end", "#'abc'", "assert(x == 5)"])
    contains("\n".join(plain), "do\nlocal c1 = 5; x = c1\nend")
    lacks("\n".join(plain), "1 + 1")
    contains("\n".join(plain), 'for i = 1, 3 do\nc1:send(tostring(i))\nend')


@test("what failed is left out and counted, Lua too")
def failures():
    with Shell() as s:
        for line in ("listen 0", "error('x')", "recv c9", "lisen", "history save x.lua"):
            s.command(line)
    contains(read("x.lua"), "three failed commands left out\nl1 = listen(0)\n")


@test("commands in the background are tasks, waited for where they ended")
def background():
    port = free_port()
    plain, checks = typed(["listen %d" % port, "accept &", "connect %d" % port, "sleep 20ms", "t = recv s1 line &",
                           'send c1 "a line\\n"', "sleep 20ms", "recv s1 &", "sleep 20ms", "abort c1", "sleep 20ms"])
    text = "\n".join(checks)
    contains(text, "t1 = spawn(function() return accept() end)")
    contains(text, "s1 = wait(t1)")
    contains(text, 't = spawn(function() return recv(s1, "line") end)')
    contains(text, 'check.equal(wait(t), "a line\\n")')
    contains(text, 'check.fails("ECONNRESET", wait, t3)')
    contains("\n".join(plain), "try(wait, t3)")


@test("wait gives in the script what it gave in the session")
def waited():
    port = free_port()
    _, checks = saved(["listen %d" % port, "accept &", "connect %d" % port, "wait t1", "recv s1 &", "send c1 x",
                       "wait t2", "close c1", "recv s1"])
    contains("\n".join(checks), 's1 = wait(t1)')
    contains("\n".join(checks), 'check.equal(wait(t2), "x")')


@test("a reset is awaited by the states that it led to")
def reset():
    port = free_port()
    _, checks = saved(["listen %d" % port, "connect %d" % port, "accept", "abort c1"])
    equal(checks[-1], 'check.state(s1, "CLOSED")')


@test("state of one socket is an expectation")
def states():
    port = free_port()
    plain, checks = saved(["listen %d" % port, "connect %d" % port, "state c1", "state"])
    equal(checks[-1], 'check.state(c1, "ESTABLISHED")')
    equal(len(plain), 2)


@test("a connection from another program is said to be one")
def foreign():
    with Shell() as s:
        port = re.search(r"0\.0\.0\.0:(\d+)", s.command("listen 0")).group(1)
        with socket.create_connection(("127.0.0.1", int(port))):
            s.command("accept")
            s.command("history save x.lua")
    equal(body(read("x.lua")), ["l1 = listen(0)",
          "-- This connection came from another program, which must connect again.", "s1 = accept()"])


# --- the wire ---

@test("segments lost, doubled and put in another order by hand are so in the script")
def by_hand():
    need_lab()
    plain, _ = typed(["lab", "server listen 80", "client connect server:80", "server accept", "c1 option nodelay yes",
                      "hold", "c1 send aaa", "c1 send bb", "step #5", "dup", "delay", "step 2", "drop", "held",
                      "continue", "s1 recv exactly 5"], kind=LabShell)
    text = "\n".join(plain)
    contains(text, 'step("#" .. check.held{from = "client", flags = "PSH,ACK", seq = 4, len = 2}.number)')
    contains(text, 'dup(check.held{from = "client", flags = "PSH,ACK", seq = 1, len = 3}.number)')
    contains(text, 'clock = "slow"')


@test("what the kernel sends again after a loss by hand is awaited in the script")
def sent_again():
    need_lab()
    plain, checks = saved(["server listen 80", "client connect server:80", "server accept", "hold", "c1 send hello",
                           "drop", "check.held{len = 5}", "step", "s1 recv"], "--lab=client,server")
    equal(len([line for line in plain if "len = 5}.number" in line]), 2)
    contains("\n".join(checks), 'check.equal(s1:recv(), "hello")')


@test("a command that goes on when the wire stops before a segment is so in the script")
def until():
    need_lab()
    saved(["server listen 80", "client connect server:80", "server accept", "hold",
           "continue until FIN from client", "c1 send x", "s1 recv", "c1 close", "step", "s1 recv", "s1 close",
           "continue"], "--lab=client,server")


@test("two connections of the same looks are told apart by their ports")
def two_connections():
    need_lab()
    plain, _ = typed(["lab", "hold", "server listen 80", "client connect server:80", "client connect server:80",
                      "step #2", "step #3", "step #1", "step 3"], kind=LabShell)
    contains("\n".join(plain), "from_address = function(a) return client.c2 and a == client.c2.local_address end")


@test("two hosts' sockets of one name get names of their own")
def same_names():
    need_lab()
    plain, _ = saved(["a listen 80", "b listen 80", "a connect b:80", "b connect a:80", "a accept", "b accept",
                      "a.c1 send x", "b.s1 recv", "b.c1 close", "a.s1 recv"], "--lab=a,b")
    contains("\n".join(plain), 'a_c1 = a:connect("b:80")')
    contains("\n".join(plain), 'b_c1:close()')


@test("faults keep the seed that was chosen for them")
def seed():
    need_lab()
    plain, _ = saved(["server listen 80", "wire duplicate=30%", "client connect server:80", "server accept",
                      "c1 send hello", "s1 recv", "wire off"], "--lab=client,server")
    contains("\n".join(plain), 'wire({duplicate = "30%", seed = ')


@test("raw numbers become those that count from the SYN")
def raw():
    need_lab()
    with LabShell("--lab") as s:
        s.command("server listen 80")
        s.command("client connect server:80")
        s.command("server accept")
        seg = dict(re.findall(r"(raw_ack|raw_seq) = (\d+)", s.command("show(3)")))
        s.command("inject from=client.c1 to=server.s1 flags=R. seq=%s ack=%s raw=yes" % (seg["raw_seq"], seg["raw_ack"]))
        for line in SAVES:
            s.command(line)
        text = s.text()
    _, checks = both_run(text)
    contains("\n".join(checks), 'flags = "RST,ACK", seq = 1, ack = 1')
    contains("\n".join(checks), 'check.state(s1, "CLOSED")')


# --- the file ---

@test("the file is for nobody else, and an existing one stays unless force=yes")
def mode():
    r = run(input="listen 0\nhistory save x.lua\nhistory save x.lua\n")
    equal(r.status, 1)
    contains(r.err, "x.lua")
    contains(r.err, "force=yes")
    equal(stat.S_IMODE(os.stat("x.lua").st_mode), 0o600)
    before = read("x.lua")
    equal(run(input="listen 0\nlisten 0\nhistory save x.lua force=yes\n").status, 0)
    equal(len(read("x.lua").split("\n")), len(before.split("\n")) + 1)


@test("a file that cannot be written is an error that names it, and leaves nothing")
def no_folder():
    r = run(input="listen 0\nhistory save none/x.lua\n")
    equal(r.status, 1)
    contains(r.err, "none/x.lua")


@test("without a file's name, or with nothing to save, history save says what it wants")
def misuse():
    for lines, want in (("listen 0\nhistory save", "history save FILE.lua"),
                        ("history save x.lua", "nothing was typed"),
                        ("history 5 x.lua", "history save FILE.lua"),
                        ("history sav x.lua", "save")):
        r = run(input=lines + "\n")
        equal(r.status, 1, lines)
        contains(r.err, want)
    equal(os.listdir("."), [])


@test("a script has no session to save")
def in_script():
    with open("a.lua", "w") as f:
        f.write("listen(0)\nlocal _, err = try(history, 'save', 'x.lua')\nprint(err.message)\n")
    contains(run("a.lua").out, "nothing was typed")


@test("a script that checks what was seen fails when something else comes")
def fails():
    port = free_port()
    saved(["listen %d" % port, "connect %d" % port, "accept", "send c1 abc", "recv s1"])
    text = read("checks.lua").replace('send(c1, "abc")', 'send(c1, "abd")')
    with open("other.lua", "w") as f:
        f.write(text)
    r = run("other.lua")
    equal(r.status, 1)
    contains(r.err, "abd")


if __name__ == "__main__":
    main()
