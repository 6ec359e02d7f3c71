"""lab.py - a lab at the prompt: hosts, names, what waits, what is told, and its end."""
import os
import re
import resource
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, alive, children, need_lab
from shell import Pipe, run
from tap import contains, equal, lacks, main, test


def held(shell):
    """A connect whose SYN the wire holds."""
    for line in ("lab", "hold", "server listen 80", "client connect server:80"):
        shell.command(line)
    shell.prompt_is("lab:1>")


def says(lines, *parts):
    """These lines, the last of which fails, and what the error says."""
    got = run(*[w for line in lines for w in ("-e", line)])
    equal(got.status, 1, lines)
    for part in parts:
        contains(got.err, part)


@test("what cannot be is a sentence: second lab, no lab, unknown host, nothing held")
def sentences():
    need_lab()
    says(["step"], "step: there is no lab", "lab makes one")
    says(["hold"], "hold: there is no lab")
    says(["lab off"], "lab off: there is no lab")
    says(["lab", "lab a b"], "there is a lab already: client, server", "lab off ends it")
    says(["lab", "client lab"], 'lab acts on no host: write it without "client"')
    says(["lab", "nobody listen 80"], 'there is no socket or host "nobody"')
    says(["lab", "client connect nobody:80"], 'the lab has no host "nobody"')
    says(["lab", "step"], "step: the wire is running", "hold stops it")
    says(["lab", "hold", "step"], "the wire holds no segment", "until a host sends")
    says(["lab alone"], "one host alone")
    says(["lab a a"], '"a" cannot be a host\'s name: it was given twice')
    says(["lab c1 b"], '"c1" cannot be a host\'s name')
    says(["lab a b foo=1"], 'lab: there is no option "foo"', "usage: lab [NAME NAME... | off]")
    says(["lab a b ipv=yes"], 'lab: there is no option "ipv"; did you mean "ipv6"?')
    says(["lab a off"], '"off" cannot be a host\'s name')
    says(["lab ipv6=yes mtu=1279"], "lab: IPv6 needs an mtu of at least 1280 (RFC 8200, 5)")
    says(["lab " + " ".join("h%d" % i for i in range(33))], "more than 32 hosts")


@test("a name of the lab is never asked for outside")
def names_stay():
    need_lab()
    says(["lab", "connect server:80"], "server is a host of the lab",
         "client connect server:80")


@test("state in a lab fits 80 columns, also with full queues and a timer")
def state_fits():
    need_lab()
    lines = ["lab client server", "server listen 7788", "option server.l1 rcvbuf 16384",
             "client connect server:7788", "server.l1 accept", 'client.c1:send(("x"):rep(100000))',
             "check.state(client.c1, 'ESTABLISHED')",
             "check.within(2, function() return state()[1].timer == 'probe' end)", "state"]
    got = run(*[w for line in lines for w in ("-e", line)])
    equal((got.status, got.err), (0, ""))
    table = got.out[got.out.index("name "):].splitlines()
    equal([line for line in table if len(line) > 80], [])
    contains("\n".join(table), " probe ")


@test("an unknown command behind a host or a socket is named, with what may be meant")
def unknown_behind():
    need_lab()
    made = ["lab", "server listen 80", "client connect server:80"]
    for line, part in (("server lsten 80", 'unknown command "lsten"; did you mean "listen"?'),
                       ("x = client conect server:80", 'unknown command "conect"; did you mean "connect"?'),
                       ("client.c1 sned hello", 'unknown command "sned"; did you mean "send"?'),
                       ("c1 sned hello", 'unknown command "sned"; did you mean "send"?'),
                       ("server quux", 'unknown command "quux"'),
                       ("server + + 1", "syntax error")):
        says(made + [line], "error: ", part)


@test("a Lua variable or library that hides a host or socket is named")
def hidden():
    need_lab()
    says(["lab", "client = 5", "client listen 80"],
         '"client" is a number in Lua, which hides the host', "client = nil shows it again")
    says(["lab string print", "print listen 80"],
         '"print" is a function in Lua, which hides the host')
    says(["lab", "c1 = {}", "server listen 80", "client connect server:80", "c1 send hello"],
         '"c1" is a table in Lua, which hides the socket')
    says(["x = 5", "x listen 80"], 'there is no socket or host "x"')
    says(["check listen 80"], 'there is no socket or host "check"')


@test("32 hosts are on one wire, and each reaches the others by name")
def many():
    need_lab()
    names = ["h%d" % i for i in range(1, 33)]
    lines = ["lab " + " ".join(names), "h32 listen 80"]
    lines += ["%s connect h32:80" % name for name in names[:31]]
    got = run(*[w for line in lines + ["hosts"] for w in ("-e", line)])
    equal(got.status, 0, got.err)
    contains(got.out, "h31.c1  CLOSED -> SYN_SENT -> ESTABLISHED\n        10.77.0.31:")
    contains(got.out, "h32           10.77.0.32\n")


@test("a host, a socket's name and Lua do the same")
def three_ways():
    need_lab()
    got = run(*[w for line in (
        "lab", "server listen 80", "c = client:connect('server:80')", "server accept",
        'send client.c1 "hi"', "server.s1:recv(2)", "close c", "client.c1", "client.c1:state()",
        "net = nil", "server.l1.host") for w in ("-e", line)])
    equal(got.status, 0, got.err)
    contains(got.out, '"hi"\n')
    contains(got.out, '"FIN_WAIT_2"\n')


@test("with ipv6=yes hosts have both addresses, which lab shows, and a name means the IPv4 one")
def ipv6():
    need_lab()
    got = run("-e", "lab ipv6=yes", "-e", "server listen [::]:80",
              "-e", "client connect [fd77::2]:80", "-e", "client connect server:80")
    equal(got.status, 0, got.err)
    contains(got.out, "     client       10.77.0.1  fd77::1\n     server       10.77.0.2  fd77::2\n")
    contains(got.out, "[fd77::1]:")
    contains(got.out, "> [fd77::2]:80")
    contains(got.out, "> 10.77.0.2:80")


@test("hosts lists the IPv6 addresses too, and a failing check knows the host by them")
def ipv6_hosts():
    need_lab()
    equal(run("-e", "lab ipv6=yes", "-e", "hosts").out.split("\n")[3:-1],
          ["here          this machine", "client        10.77.0.1  fd77::1",
           "server        10.77.0.2  fd77::2"])
    equal(run("-e", "lab ipv6=yes", "-e", "hosts()[2].address6").out.split("\n")[3], '"fd77::1"')
    equal(run("-e", "lab", "-e", "hosts()[2].address6").out.split("\n")[1], "nil")
    got = run("-e", "lab ipv6=yes", "-e", "l = server listen [::]:80",
              "-e", "c = client connect [fd77::2]:80", "-e", "s = accept l", "-e", "abort s",
              "-e", "select(2, try(check.eof, c)).got")
    contains(got.out, "RST from the server")


@test("connect and listen try a name's addresses in turn, and say which were in vain")
def in_turn():
    need_lab()
    begin = ["lab ipv6=yes", "server listen [fd77::2]:80"]
    got = run(*[w for line in begin + ["client connect server:80", "server listen server:81",
                                       "server listen server:81"] for w in ("-e", line)])
    equal(got.status, 0, got.err)
    contains(got.out, "> [fd77::2]:80")
    contains(got.out, "\n    tried before: 10.77.0.2:80 (ECONNREFUSED)\n")
    contains(got.out, "server.l2  LISTEN  10.77.0.2:81")
    contains(got.out, "server.l3  LISTEN  [fd77::2]:81  backlog 128\n"
             "    tried before: 10.77.0.2:81 (EADDRINUSE)\n")
    says(["lab ipv6=yes", "client connect server:80"],
         "connect [fd77::2]:80: connection refused", "Tried before: 10.77.0.2:80 (ECONNREFUSED).")
    equal(run("-e", "lab", "-e", "client connect server:80").err.count("Tried"), 0)


@test("of a name's addresses those of from='s family are tried")
def in_turn_from():
    need_lab()
    begin = ["lab ipv6=yes", "server listen [::]:80"]
    for mine, theirs in (("[fd77::1]:5000", "[fd77::2]:80"), ("10.77.0.1:5000", "10.77.0.2:80")):
        got = run(*[w for line in begin + ["client connect server:80 from=" + mine] for w in ("-e", line)])
        equal(got.status, 0, got.err)
        contains(got.out, "%s > %s" % (mine, theirs))
    says(["lab", "client connect server:80 from=[fd77::1]:5000"],
         "connect server:80: the name has no IPv6 address")
    says(["lab", "client connect server:80 from=server:5000"],
         "from=server:5000 is not a numeric address")


@test("with a Fast Open cookie connect sends nothing: the SYN goes with the first data")
def fast_open():
    need_lab()
    got = run("-e", "lab", "-e", "server sysctl tcp_fastopen 3", "-e", "server listen 80",
              "-e", "option server.l1 fastopen 5", "-e", "client connect server:80 fastopen=yes",
              "-e", "client connect server:80 fastopen=yes", "-e", "state", "-e", 'send client.c2 "hello"',
              "-e", "ladder")
    equal(got.status, 0, got.err)
    contains(got.out, "client.c1  CLOSED -> SYN_SENT -> ESTABLISHED")
    contains(got.out, "client.c2  CLOSED -> SYN_SENT  ")
    equal(got.out.count("note: Fast Open: no SYN was sent"), 1)
    equal(re.findall(r"^client.c2 .* (\S+) +(\S+)  -$", got.out, re.M), [("0", "0")])
    contains(got.out, 'SYN seq=0 len=5 "hello"')


@test("a connection's line is no wider than 80 columns, ladder and explain no wider than the terminal")
def narrow():
    with LabShell(cols=60, rows=40) as s:
        s.command("lab client server")
        s.command("server listen 80")
        want = r"client\.c1  CLOSED -> SYN_SENT -> ESTABLISHED\n {11}10\.77\.0\.1:\d+ > 10\.77\.0\.2:80  "
        equal(bool(re.match(want, s.command("client connect server:80"))), True)
        lines = s.command("ladder").split("\n")
        equal((len(lines), len(lines[0])), (8, 60))
        # What is asked for is wider, and the terminal breaks its lines.
        equal(len(s.command("ladder columns=70").split("\n")) > 8, True)
        for command in ("trace", "hold", "send client.c1 hello", "dup", "held"):
            for line in s.command(command).split("\n"):
                equal(bool(re.match("#[0-9]+ .*[^A-Z]$", line)), False, line)  # its last word is whole
        contains(s.command("held"), "\n    len=5 \"hello\" copy of #")
        lines = s.command("explain #1").split("\n")
        contains(" ".join(x.strip() for x in lines), "It offers segments of at most 1460 bytes (mss), SACK, "
                 "timestamps, a window scale of 10 (times 1024).")
        equal([x for x in lines[1:] if not x.startswith("    ")], [])


@test("a pair that is opened anew after close has the note of the accept queue, and the new socket's name")
def opened_anew():
    need_lab()
    got = run("-e", "lab", "-e", "server listen 80", "-e", "client connect server:80 from=4000",
              "-e", "server accept", "-e", "close server.s1", "-e", "close client.c1",
              "-e", "client connect server:80 from=4000", "-e", "server accept",
              "-e", "state")
    equal(got.status, 0, got.err)
    equal(got.out.count("1 connection waits in the accept queue of server.l1."), 2)
    equal(re.findall(r"^(server\S+) +(\w+)", got.out.rpartition("name ")[2], re.M),
          [("server.l1", "LISTEN"), ("server.s2", "ESTABLISHED")])


@test("lab off closes all; its names go, and a new lab can be made")
def off():
    need_lab()
    with LabShell(rows=40) as shell:
        held(shell)
        contains(shell.command("lab off"), "lab: gone")
        shell.prompt_is("tcpstep>")
        contains(shell.command("state"), "no sockets")
        contains(shell.command("client listen 80"), 'no socket or host "client"')
        equal(children(shell.process.pid), [])
        contains(shell.command("lab"), "running")
        contains(shell.command("client listen 80"), "client.l1  LISTEN")
        equal(shell.quit(), 0)


@test("a task that waits for a host of the lab is told when the lab goes")
def task_across_off():
    need_lab()
    with LabShell(rows=40) as shell:
        for line in ("lab", "server listen 80", "server accept &", "lab off"):
            shell.command(line)
        contains(shell.text(), "t1: accept: the socket was closed meanwhile")
        contains(shell.command("wait t1"), "closed meanwhile")


@test("close ends a connect that a held wire keeps waiting, and the step after tells no lie")
def close_held():
    need_lab()
    with LabShell(rows=40) as shell:
        held(shell)
        contains(shell.command("close client.c1"), "client.c1  SYN_SENT -> CLOSED")
        shell.send_line("step")
        shell.comes("#1  client -> server  SYN      seq=0          DELIVERED\n"
                    "    client  CLOSED             server  LISTEN -> SYN_RCVD\n"
                    "#2  server -> client  SYN,ACK  seq=0 ack=1   win=65160 mss=1460 ws=10  HELD",
                    "step")


@test("recv goes on in the background while the wire is held; what comes is told above the prompt")
def background():
    need_lab()
    with LabShell(rows=60) as shell:
        for line in ("lab", "server listen 80", "client connect server:80", "server accept",
                     "hold"):
            shell.command(line)
        contains(shell.command("recv server.s1"), "recv goes on in the background (t1)")
        shell.command('send client.c1 "hello"')
        shell.prompt_is("lab:1>")
        shell.command("t = spawn(function() sleep(0.2) step() end)")
        shell.send("half a line")
        shell.expect(r'^server\.s1  5 bytes  "hello"$')
        shell.prompt_is("lab:1> half a line")
        contains(shell.text(), "#5  server -> client  ACK")


@test("a command goes on in the background also when the wire is held while it runs")
def held_meanwhile():
    with LabShell() as s:
        for line in ("lab", "server listen 80", "continue until SYN,ACK"):
            s.command(line)
        contains(s.command("client connect server:80"), "client.c1 is still connecting (t1); the wire holds 1 segment.")
        s.prompt_is("lab:1>")
        contains(s.command("step"), "#3  client -> server  ACK")
        s.command("step")
        s.command('wire:on(function(seg) return "hold" end)')
        s.command("continue")
        contains(s.command("client connect server:80"), "client.c2 is still connecting (t2); the wire holds 1 segment.")


@test("a Lua line that a held wire keeps waiting goes on too, and so does a wait for it")
def held_lua():
    with LabShell() as s:
        for line in ("lab", "server listen 80", "hold"):
            s.command(line)
        contains(s.command('c9 = client:connect("server:80")'), "client.c1 is still connecting (t1)")
        contains(s.command("wait t1"), "wait goes on in the background (t2)")
        contains(s.command("wait"), "wait goes on in the background (t3)")
        s.command("step")
        s.send_line("step")
        s.expect("t3  done")
        s.prompt()
        s.command("step")
        contains(s.command("c9"), "client.c1 ESTABLISHED")


@test("NAME = COMMAND gets its value when the command has gone on in the background")
def held_name():
    r = run(input="lab\nserver listen 80\nhold\nx = client connect server:80\nstep 3\nwait t1\nprint(x)\n"
            "history save a.lua expect=yes\n")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "\nclient.c1 ESTABLISHED 10.77.0.1:")
    equal(run("a.lua").out[:22], "client.c1 ESTABLISHED ")


@test("on a running wire recv waits, and Ctrl-C ends the wait alone")
def interrupt():
    need_lab()
    with LabShell(rows=40) as shell:
        for line in ("lab", "server listen 80", "client connect server:80", "server accept"):
            shell.command(line)
        shell.send_line("recv server.s1")
        shell.until(lambda: shell.screen.line() == "", "recv to begin")
        shell.quiet(0.05)
        shell.key("ctrl-c")
        shell.expect("recv server.s1: interrupted; nothing was consumed")
        shell.prompt()
        contains(shell.command('send client.c1 "x"'), "sent 1 byte")


@test("TAB knows the hosts, what a host can do, and its methods in Lua")
def tab():
    need_lab()
    with LabShell(rows=40) as shell:
        shell.command("lab client router")
        for typed, becomes in (("router sysctl tcp_syncoo", "router sysctl tcp_syncookies "),
                               ("router sysctl net.ipv6.bind", "router sysctl net.ipv6.bindv6only "),
                               ("router sysctl net.cor", "router sysctl net.core."),
                               ("rout", "router"), ("router lis", "router listen "),
                               ("router:li", "router:listen"), ("client.na", "client.name")):
            shell.send(typed)
            shell.key("tab")
            shell.until(lambda: shell.screen.line().rstrip() == "lab> " + becomes.rstrip(),
                        "TAB behind " + typed)
            shell.key("ctrl-c")
            shell.prompt()


@test("as JSON each move on a held wire is an event")
def json_events():
    need_lab()
    with Pipe("--json") as pipe:
        for line in ("lab", "hold", "server listen 80", "client connect server:80 &", "step",
                     "drop"):
            pipe.send_line(line)
        got = pipe.event(event="sent", segment=1)
        equal((got["from"], got["to"], got["flags"], got["ack"]), ("client", "server", "SYN", 0))
        equal(pipe.event(event="delivered", segment=1)["ack"], 0)
        got = pipe.event(event="wire_state", segment=1)
        equal((got["host"], got["before"], got["state"]), ("server", "LISTEN", "SYN_RCVD"))
        equal(pipe.event(event="sent", segment=2)["flags"], "SYN,ACK")
        equal(pipe.event(event="dropped", segment=2)["from"], "server")


def ends(shell, how):
    """The process that owns the lab's hosts ends with the shell."""
    shell.command("lab")
    keeper = children(shell.process.pid)
    equal(len(keeper), 1)
    how(shell)
    shell.wait()
    shell.until(lambda: not alive(keeper[0]), "the end of the lab's keeper")


@test("nothing is left of a lab after quit, SIGTERM, SIGHUP and kill -9")
def nothing_left():
    need_lab()
    for how in (lambda s: s.key("ctrl-d"), lambda s: s.signal(signal.SIGTERM),
                lambda s: s.signal(signal.SIGHUP), lambda s: s.signal(signal.SIGKILL)):
        with LabShell(rows=40) as shell:
            ends(shell, how)


@test("when the lab's keeper was killed the errors say so, and a new lab is as good as the first")
def keeper_killed():
    need_lab()
    with LabShell() as shell:
        shell.command("lab")
        shell.command("server listen 80")
        keeper = children(shell.process.pid)
        os.kill(keeper[0], signal.SIGKILL)
        shell.until(lambda: not alive(keeper[0]), "the end of the lab's keeper")
        for line in "client connect server:80", "server listen 81", "server sysctl tcp_ecn":
            contains(shell.command(line), "The lab's keeper, ")
        contains(shell.command("state"), "server.l1")
        contains(shell.command("lab off"), "lab: gone")
        shell.command("lab")
        shell.command("server listen 80")
        contains(shell.command("client connect server:80"), "ESTABLISHED")


@test("an ordinary user has labs too, over TUN devices and over veth pairs")
def ordinary_user():
    need_lab()
    user = {} if os.getuid() else {"user": 65534, "group": 65534, "extra_groups": []}
    for device in ("tun", "veth"):
        got = run("-e", "lab device=" + device, "-e", "server listen 80",
                  "-e", "client connect server:80", "-e", "ladder", **user)
        equal(got.status, 0, got.err)
        contains(got.out, "SYN_SENT -> ESTABLISHED")
        contains(got.out, "|--- #3 ACK a=1 ----")
        lacks(got.err, "error")


@test("where a lab lacks descriptors or processes the error says so, and which limit it is")
def limits():
    user = {} if os.getuid() else {"user": 65534, "group": 65534, "extra_groups": []}
    for limit, value, parts in (
            (resource.RLIMIT_NOFILE, 5, ("EMFILE", "ulimit -n")),
            (resource.RLIMIT_NPROC, 0, ("EAGAIN", "ulimit -u"))):
        got = run("-e", "lab", preexec_fn=lambda l=limit, v=value: resource.setrlimit(l, (v, v)), **user)
        equal(got.status, 1)
        for part in parts:
            contains(got.err, part)


@test("state diagram=yes marks the states that sockets are in, of one connection when asked")
def diagram():
    need_lab()
    lines = ["lab", "hold", "server listen 80", "client connect server:80 &", "step"]
    for last, marked, plain in (
            ("state diagram=yes", ("LISTEN", "SYN_SENT", "SYN_RCVD"), ("CLOSED", "TIME_WAIT")),
            ("state client.c1 diagram=yes", ("SYN_SENT", "SYN_RCVD"), ("LISTEN", "CLOSED"))):
        got = run(*[w for line in lines + [last] for w in ("-e", line)])
        equal(got.status, 0, got.err)
        for name in marked:
            equal(len(re.findall(r"# +%s +#" % name, got.out)), 1, name)
        for name in plain:
            equal(re.findall(r"# +%s +#" % name, got.out), [], name)
        contains(got.out, "\n#  SYN_SENT       client.c1\n")
        contains(got.out, "\n#  SYN_RCVD       (server.l1)\n")


UNTIL = ("lab", "server listen 80", "client connect server:80", 'continue until %s',
         'send client.c1 "hello"', "close client.c1", "held")


@test("continue until filter stops before the segment that libpcap's expression is about")
def until_filter():
    need_lab()
    for when, first in (("filter tcp[tcpflags] & tcp-fin != 0", "FIN,ACK"),
                        ("filter src host server and tcp[tcpflags] & tcp-syn == 0", "ACK"),
                        ("data and filter dst port 80", "PSH,ACK")):
        lines = [line.replace("%s", when) for line in UNTIL]
        got = run("--json", *[w for line in lines for w in ("-e", line)])
        equal(got.status, 0, got.err)
        held = [line["result"] for line in got.json() if "result" in line][-1]
        equal(held[0]["flags"], first, when)


@test("a condition on states stops the wire behind the segment that leads there, or before the one that tells of it")
def until_state():
    need_lab()
    made = ["lab", "server listen 80", "client connect server:80", "server accept"]
    for lines, when, stops, why in (
            (["lab", "hold", "server listen 80", "client connect server:80 &"],
             "state server = ESTABLISHED", "stopped after #3", "nothing"),
            (["lab", "hold", "server listen 80", "client connect server:80 &"],
             "state server = SYN_RCVD", "stopped after #1", "SYN,ACK"),
            (["lab", "hold", "server listen 80", "client connect server:80 &"],
             "SYN,ACK state server = SYN_RCVD", "stopped before #2", "SYN,ACK"),
            (made + ["hold", "close client.c1"], "state client = FIN_WAIT_1", "stopped before #4", "FIN,ACK"),
            (made + ["hold", "close client.c1"], "state server = CLOSE_WAIT", "stopped after #4", None)):
        got = run(*[w for line in lines + ["continue until " + when, "held"] for w in ("-e", line)])
        equal((got.status, got.err), (0, ""), when)
        contains(got.out, stops + "\n")
        contains(got.out.split(stops)[1], "the wire holds nothing" if why == "nothing" else why or "")
    # On the running wire, too.
    got = run(*[w for line in ["lab", "server listen 80", "continue until state server = ESTABLISHED",
                               "client connect server:80", "wire", "continue until state client = FIN_WAIT_1",
                               "close client.c1", "held"] for w in ("-e", line)])
    equal((got.status, got.err), (0, ""))
    contains(got.out, "wire: held\n")
    contains(got.out.split("The wire runs until then")[2], "FIN,ACK")


@test("a condition that nothing can meet any more is refused with the reason, and the wire stays held")
def until_never():
    need_lab()
    for when, why in (("#0", 'a number from 1 to 4294967295 is expected, not "#0"'),
                      ("#1", "#1 comes no more: it was delivered"),
                      ("#2", "#2 comes no more: it was dropped"),
                      ("#5 and #6", 'no segment is both "#5" and "#6"'),
                      ("from client from server", 'no segment is both "from client" and "from server"'),
                      ("seq = 1 len > 0 seq == 2", 'no segment is both "seq = 1" and "seq == 2"'),
                      ("state client = ESTABLISHED state client = SYN_SENT", "no segment is both"),
                      ("port = 99999", 'a number from 0 to 65535 is expected, not "99999"'),
                      ("len > 65536", "a number from 0 to 65535"),
                      ("seq = 99999999999999999999", "a number from 0 to 4294967295"),
                      ("#99999999999999999999", "a number from 1 to 4294967295")):
        lines = ["lab", "hold", "server listen 80", "client connect server:80 &", "step", "drop"]
        says(lines + ["continue until " + when], "error: WHEN: ", why)
    for when in ("#2", "#99", "port = 80 port = 81", "seq > 1 seq < 3", "state client = FIN_WAIT_1 state server = LAST_ACK"):
        got = run("-e", "lab", "-e", "hold", "-e", "server listen 80", "-e", "client connect server:80 &",
                  "-e", "step", "-e", "continue until " + when)
        equal((got.status, got.err), (0, ""), when)


@test("in a filter a host means each of its addresses, behind ip and ip6 that one")
def until_filter_ipv6():
    need_lab()
    for when, family, stops in (("host server", "::", True), ("src host client", "0.0.0.0", True),
                                ("ip6 host server", "::", True), ("ip host server", "::", False),
                                ("ip dst host server", "0.0.0.0", True)):
        to = "[fd77::2]" if family == "::" else "10.77.0.2"
        lines = ["lab ipv6=yes", "server listen %s:80" % ("[::]" if family == "::" else family),
                 "continue until filter " + when, "client connect %s:80 &" % to,
                 "check.seen({flags = 'SYN'})", "check.equal(#held(), %d)" % stops]
        got = run(*[w for line in lines for w in ("-e", line)])
        equal(got.status, 0, when + got.err)


@test("a filter that is none, or that would ask for a name, is refused with the reason")
def filter_errors():
    need_lab()
    says(["lab", "continue until filter host example.com"], '"example.com" is no word of filters')
    says(["lab", "continue until filter port http"], '"http" is no word of filters')
    says(["lab", "continue until filter tcp["], "error: filter tcp[")
    says(["lab", "continue until filter"], "filter: an expression is expected")


@test("--lab begins with a lab: at the prompt, for lines, and for a script that prints its own")
def from_the_command_line():
    need_lab()
    with LabShell("--lab=a,b", rows=40) as shell:
        contains(shell.text(), "lab: a 10.77.0.1 ---------- wire ---------- b 10.77.0.2")
        shell.prompt_is("lab>")
        lacks(shell.command("history"), "lab a b")
    with open("two.lua", "w") as f:
        f.write("print(client, server)")
    equal(run("--lab", "two.lua").out, "client 10.77.0.1\tserver 10.77.0.2\n")
    contains(run("--lab", input="hosts\n").out, "\nserver        10.77.0.2\n")
    got = run("--lab=alone", "two.lua")
    equal((got.status, got.out), (1, ""))
    contains(got.err, "one host alone")


@test("doctor says what a lab needs, and its exit status whether one can be made")
def doctor():
    need_lab()
    got = run("doctor")
    equal((got.status, got.err), (0, ""))
    contains(got.out, "user namespaces are allowed")
    contains(got.out, "A lab can be made here")
    contains(run("-h").out, "  doctor ")
    contains(run("--generate", "man").out, "doctor")


if __name__ == "__main__":
    main()
