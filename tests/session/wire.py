"""wire.py - wire: its settings as a person sees them, and functions of wire:on that fail or never end."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell
from shell import Shell, run
from tap import contains, equal, lacks, main, test

def lab():
    """A shell that is in a lab."""
    s = Shell()
    s.PROMPT = "lab>"
    s.command("lab")
    return s


PAIR = "server listen 80\nclient connect server:80\nserver accept\n"


@test("wire shows the faults of each direction, the seed and the counts")
def shown():
    r = run(input="lab\n" + PAIR + "wire from client loss=10% delay=5ms seed=7\nwire\n")
    contains(r.out, "wire: running, seed=7")
    contains(r.out, "from client     loss=10% delay=5ms")
    contains(r.out, "from server     no faults")
    contains(r.out, "2 segments, 112 bytes: 2 delivered")
    equal(r.status, 0)


@test("where the terminal has UTF-8, a segment's line shows Chinese bytes as text, elsewhere escaped")
def chinese():
    lines = "lab clock=slow\n" + PAIR + 'hold\nsend client.c1 "你好"\nheld\nstep\ntrace data\nexplain #4\n'
    got = run(input=lines, lang="C.UTF-8").out
    equal(got.count('len=6 "你好"'), 4, got)
    contains(got, 'Carries 6 bytes, 1 to 6: "你好".')
    got = run(input=lines, lang="C").out
    lacks(got, "你好")
    equal(got.count(r'len=6 "\xe4'), 4, got)


@test("one segment is one segment; and no host may be called ghosts, whom wire from ghosts means")
def words():
    contains(run(input='lab\ninject from 10.77.0.9:4000 to server:80 S 0:0(0)\nwire\n').out,
             "1 segment, 40 bytes: 1 delivered")
    contains(run("-e", "lab ghosts server").err, '"ghosts" cannot be a host\'s name')


@test("on a held wire an end that is connected before the other names the server only where there is one")
def connected_first():
    with LabShell() as s:
        for line in ("lab", "server listen 80", "hold", "client connect server:80", "step"):
            s.command(line)
        s.send_line("step")
        s.expect(r"client\.c1 connected\. The server does not know it yet\.")
    with LabShell() as s:
        for line in ("lab a b", "hold", "a connect b:2000 from=1000", "b connect a:1000 from=2000", "step 2"):
            s.command(line)
        s.send_line("step")
        s.expect(r"a\.c1 connected\. The other end does not know it yet\.")


@test("raw numbers are shown where they are asked for, everywhere after set numbers raw")
def raw_numbers():
    talk = ("-e", "lab", "-e", "server listen 80", "-e", "hold", "-e", "client connect server:80 &")
    isn = r"(seq=|X=|number is )(?!0\b)\d+"
    for line in ("held", "show #1", "explain #1", "ladder", "trace"):
        shown = run(*talk, "-e", "set numbers raw", "-e", line).out.split("on the wire\n")[1]
        equal(len(re.findall(isn, shown)), 1, line)
        if line == "trace":
            continue
        shown = run(*talk, "-e", "print('-----')", "-e", line + " raw=yes").out.split("-----\n")[1]
        equal(len(re.findall(isn, shown)), 1, line)
        shown = run(*talk, "-e", "set numbers raw", "-e", line + " raw=no").out.split("on the wire\n")[1]
        equal(re.findall(isn, shown), [], line)
    # What step tells, too.
    told = run(*talk, "-e", "set numbers raw", "-e", "step").out.split("on the wire\n")[1]
    equal(len(set(re.findall(r"seq=(\d+)", told))), 2)


@test("step with nothing held says which timer is waited for, where one runs")
def awaited():
    r = run("-e", "lab clock=slow", "-e", "hold", "-e", "server listen 80", "-e", "client connect server:80 &",
            "-e", "drop", "-e", "step")
    contains(r.err, "error: the wire holds no segment\n"
             "       Awaited: client 10.77.0.1:")
    contains(r.err, " (SYN_SENT) retransmits in ")
    contains(run("-e", "lab", "-e", "hold", "-e", "step").err,
             "\n       Nothing moves until a host sends: connect, send, close, or a timer\n       of the kernel.\n")


@test("step N of which fewer are held says how many it was")
def step_fewer():
    made = "lab\nhold\nserver listen 80\nclient connect server:80 &\n"
    contains(run(input=made + "step 5\n").out, "\n3 of 5: the wire holds no more\n#1  client -> server  SYN ")
    lacks(run(input=made + "step 3\n").out, "no more")


@test("a function behind until may be typed over several lines, and is saved as it was")
def several_lines():
    text = ("lab\nhold\nserver listen 80\nclient connect server:80 &\ncontinue until function(s)\n"
            "  return s.flags == 'SYN,ACK'\nend\nheld\n")
    r = run(input=text + "history save a.lua\n")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "stopped before #2")
    with open("a.lua", encoding="utf-8") as f:
        contains(f.read(), "  return s.flags == 'SYN,ACK'\nend")
    equal(run("a.lua").status, 0)
    contains(run(input="lab\nhold\ncontinue until function(s)\n").err, "error: the function: line:")


@test("keepalive probes that the kernel repeats are folded into the held one; repeated ACKs are not")
def probes():
    r = run(input="lab\nserver listen 80\nclient connect server:80\nserver accept\noption c1 keepalive yes\n"
            "option c1 keepidle 1\noption c1 keepintvl 1\nhold\n"
            "check.within(20, function() local s = held()[1] return s and s.copies and #s.copies > 1 end)\n"
            "print(#held(), held()[1].flags, held()[1].seq)\n")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "1\tACK\t0\n")
    # Two gaps, and so the same ACK twice.
    r = run(input="lab\nserver listen 80\nclient connect server:80\nserver accept\nhold\n"
            "inject from=client.c1 to=server.s1 flags=. seq=10 ack=1 data=abc\n"
            "inject from=client.c1 to=server.s1 flags=. seq=20 ack=1 data=abc\nstep\nstep\n"
            "for _, s in ipairs(held()) do print(s.flags, s.seq, s.ack) end\n")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "ACK\t1\t1\nACK\t1\t1\n")


@test("what a closed end in FIN_WAIT_2 waits for is the peer's FIN; it sends no keepalive")
def fin_timeout():
    r = run(input="lab clock=slow\nserver listen 80\nclient connect server:80\naccept\nclose client.c1\nstate\n"
            "hold\nstep\n")
    contains(r.out, "fin_timeout 5")
    contains(r.err, "Nothing moves until a host sends")
    lacks(r.out + r.err, "keepalive")


@test("a close that is still under way has no time beside it")
def under_way():
    for before in ("wire delay=3", "hold"):
        r = run(input="lab\nserver listen 80\nclient connect server:80\n%s\nclient close c1\n" % before)
        equal(r.status, 0)
        contains(r.out, "client.c1  ESTABLISHED -> FIN_WAIT_1\n")


@test("a lost segment is in the ladder, with the reason")
def ladder():
    r = run(input="lab\nserver listen 80\nwire loss=100%\n"
                  "client connect server:80 timeout=50ms\n")
    equal(r.status, 1)
    r = run(input='lab\nserver listen 80\nwire loss=100% seed=1\n'
                  '_ = try(function() net = client:connect("server:80", {timeout=0.05}) end)\n'
                  'show #1\nladder\n')
    contains(r.out, "loss 100 %")
    equal(r.status, 0)


@test("an impossible setting is a usage error at the prompt, and changes nothing")
def usage():
    with lab() as s:
        for setting in ("loss=150%", "loss=-1%", "loss=nan", "jitter=5ms", "rate=-5", "mtu=9",
                        "from nobody loss=1%", "sideways"):
            contains(s.command("wire " + setting), "error: wire: ")
        lacks(s.command("wire"), "loss=")


@test("without a lab, wire says how to get one")
def no_lab():
    r = run(input="wire loss=1%\n")
    contains(r.err, "wire: there is no lab")
    contains(r.err, "lab client server")


@test("a function that raises is told once and taken off; the segment goes on, the lab works")
def raises():
    for statement, message in (('error("no luck")', "no luck"), ('seg.options = "mss 99999"', "at most 65535"),
                               ("lab 'off'", "cannot end inside a function")):
        with lab() as s:
            s.command("server listen 80")
            s.command("wire:on(function(seg) %s end)" % statement)
            out = s.command("client connect server:80")
            equal(out.count(message), 1)
            contains(out, "does not ask this function again")
            contains(out, "ESTABLISHED")
            lacks(s.command("wire"), "a function of yours")
            contains(s.command("server accept"), "ESTABLISHED")


@test("what a function sets or returns is refused in a sentence that says what it may be, and is no longer for a long value")
def misused():
    for statement, message in (
            ("seg.seq = 1.5", "wire: a segment's seq is a whole number from 0 to 4294967295, not 1.5"),
            ("seg.ttl = 'x'", "wire: a segment's ttl is a whole number from 0 to 255, not x"),
            ("seg.data = {}", "wire: a segment's data is text, not table"),
            ("seg.flags = ('y'):rep(1e6)", 'wire: "yyyyyyyy'),
            ("seg[('y'):rep(1e6)] = 1", "wire: a segment's yyyyyyyy"),
            ("return ('y'):rep(1e6)", "not yyyyyyyy")):
        r = run(input="lab\nserver listen 80\nwire:on(function(seg) %s end)\nclient connect server:80\n" % statement)
        contains(r.err, message)
        equal(len(r.err) < 300, True)
        contains(r.out, "ESTABLISHED")


@test("Ctrl-C ends a function that never returns, and the lab works")
def loops():
    with lab() as s:
        s.command("server listen 80")
        s.command('wire:on(function(seg) print("around") while true do end end)')
        s.send_line("client connect server:80")
        s.expect(r"(?m)^around")
        s.key("ctrl-c")
        s.prompt()
        contains(s.output(), "interrupted")
        lacks(s.command("wire"), "a function of yours")
        contains(s.command("client connect server:80"), "ESTABLISHED")


@test("continue until function(seg) ... end is typed as it stands, echoed as Lua, and stops the wire")
def typed_condition():
    with lab() as s:
        s.command("server listen 80")
        s.command("set echo lua")
        out = s.command('continue until function(seg) return seg.flags == "SYN,ACK" end')
        contains(out, '-- continue("until", function(seg) return seg.flags == "SYN,ACK" end)')
        contains(out, "The wire runs until then.")
        s.send_line("client connect server:80 &")
        s.expect(r"(?m)^#2 .*SYN,ACK.*HELD")
        s.expect(r"(?m)^lab:1>$")


@test("a typed function that is none is a usage error, and the wire runs on")
def typed_nonsense():
    with lab() as s:
        s.send_line("continue until function(seg) return")
        s.until(lambda: s.screen.line() == "     >>", "the prompt within a function")
        s.from_here()
        s.key("ctrl-c")
        s.prompt()
        contains(s.command("continue until function(seg) end + 5"), "error: ")
        contains(s.command("wire"), "wire: running")


@test("Ctrl-C ends a condition that never returns: the wire is held, and the lab works")
def condition_loops():
    with lab() as s:
        s.command("server listen 80")
        s.command('continue until function(seg) print("around") while true do end end')
        s.send_line("client connect server:80")
        s.expect(r"(?m)^around")
        s.key("ctrl-c")
        s.expect("interrupted")
        s.expect(r"(?m)^#1 .*HELD")
        s.PROMPT = "lab:1>"
        s.prompt()
        s.PROMPT = "lab>"
        s.command("continue")
        contains(s.command("client connect server:80"), "ESTABLISHED")


@test("wire:on and its segment are in completion, and in what the Lua language server is told")
def known_to_tools():
    with lab() as s:
        s.send("wire:o\t")
        s.until(lambda: s.screen.line().startswith("lab> wire:on"), "the completed name")
    r = run("--generate", "lua-meta")
    contains(r.out, "---@class tcpstep.segment\n")
    contains(r.out, "function wire:on(fn) end")
    contains(r.out, "function wire:continue(when, ...) end" if "continue(when, ...)" in r.out
             else "function wire:continue(")
    contains(r.out, "fun(seg: tcpstep.segment): any")
    contains(run("--generate", "luacheck").out, '"wire"')


main()
