"""inject.py - inject and expect as a person types them: a whole session by hand over a ghost."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from shell import run
from tap import contains, equal, lacks, main, test


def lab():
    """A shell in a lab whose server listens on port 80."""
    s = LabShell(cols=110)
    s.command("lab")
    s.command("server listen 80")
    return s


@test("by hand: a handshake, data both ways and a close, with a peer that is nobody")
def by_hand():
    with lab() as s:
        out = s.command("inject from 10.77.0.9:4000 to server:80 S 0:0(0) win 65535 <mss 1460>")
        contains(out, "10.77.0.9 -> server")
        contains(out, "injected")
        contains(out, "server -> 10.77.0.9")
        contains(out, "TO A GHOST")
        contains(out, "server  LISTEN -> SYN_RCVD")
        contains(s.command("expect server S. 0:0(0) ack 1 <mss 1460>"), "AS EXPECTED")
        contains(s.command("inject from 10.77.0.9:4000 to server:80 . 1:1(0) ack 1"),
                 "server  SYN_RCVD -> ESTABLISHED")
        contains(s.command("server accept"), "server.s1  ESTABLISHED")
        s.command("inject from=10.77.0.9:4000 to=server:80 flags=P. seq=1 ack=1 data=hello")
        contains(s.command("expect server . ack 6"), "AS EXPECTED")
        contains(s.command("recv server.s1"), '5 bytes  "hello"')
        s.command('send server.s1 "you too"')
        contains(s.command("expect server P. 1:8(7) ack 6"), '"you too"')
        contains(s.command("inject from 10.77.0.9:4000 to server:80 F. 6:6(0) ack 8"),
                 "server  ESTABLISHED -> CLOSE_WAIT")
        contains(s.command("close server.s1"), "CLOSE_WAIT -> LAST_ACK")
        contains(s.command("expect server F. 8:8(0) ack 7"), "AS EXPECTED")
        contains(s.command("inject from 10.77.0.9:4000 to server:80 . 7:7(0) ack 9"),
                 "server  LAST_ACK -> CLOSED")
        contains(s.command("ladder"), "ghost 10.77.0.9:4000")
        contains(s.command("explain #1"), "Made by hand")
        contains(s.command("trace from server last=1"), "TO A GHOST")
        lacks(s.command("trace"), "DROPPED")
        equal(s.quit(), 0)


@test("the payload is typed as the notation has it: in quotes, behind the rest")
def data():
    with lab() as s:
        s.command("inject from 10.77.0.9:4000 to server:80 S 0:0(0)")
        s.command("inject from 10.77.0.9:4000 to server:80 . 1:1(0) ack 1")
        s.command("server accept")
        s.command("inject from 10.77.0.9:4000 to server:80 P. 1:8(7) ack 1 \"hello\\r\\n\"")
        contains(s.command("recv server.s1"), '7 bytes  "hello\\r\\n"')
        s.command("inject from 10.77.0.9:4000 to server:80 P. ack 1 8:11 'a b'")
        contains(s.command("recv server.s1"), '3 bytes  "a b"')
        s.command("send server.s1 'you too'")
        contains(s.command('expect server P. "you TOO" timeout=0.1'), 'expected "TOO", got "too"')
        contains(s.command('expect server P. "you too"'), "AS EXPECTED")
        equal(s.quit(), 0)


@test("an expectation that cannot come true gives the prompt back with the difference")
def unmet():
    with lab() as s:
        s.command("inject from 10.77.0.9:4000 to server:80 S 0:0(0)")
        out = s.command("expect server S. ack 5")
        contains(out, "error: expect: ack: expected 5, got 1; #2")
        contains(out, "Nothing else can come")
        contains(s.command("expect server S. ack 1"), "AS EXPECTED")


@test("on a held wire expect gives the prompt back, goes on, and tells when the segment comes")
def held():
    with lab() as s:
        s.command("hold")
        s.send_line("expect server S. ack 1")
        s.expect(r"expect goes on in the background \(t1\); the wire holds 0 segments\.")
        s.prompt()
        s.send_line("inject from 10.77.0.9:4000 to server:80 S 0:0(0)")
        s.expect(r"(?m)^lab:1>$")
        s.send_line("step")
        s.expect(r"(?m)^#2 .*AS EXPECTED")
        s.expect(r"(?m)^lab:1>$")


@test("Ctrl-C ends an expect that waits for a timer, and the next one finds what came meanwhile")
def interrupted():
    with lab() as s:
        s.command("inject from 10.77.0.9:4000 to server:80 S 0:0(0)")
        s.command("expect server S. ack 1")
        s.send_line("expect server S. ack 1 after=1000")
        s.until(lambda: s.screen.row > s.mark, "the end of the line typed")
        s.key("ctrl-c")
        s.expect("interrupted")
        s.prompt()
        contains(s.command("expect server S. ack 1"), "AS EXPECTED")


@test("a typing mistake is told with its column, and nothing is sent")
def mistakes():
    with lab() as s:
        contains(s.command("inject from 10.77.0.9:4000 to server:80 S 0:0(0) win many"), "column")
        contains(s.command("inject S 0:0(0)"), "from whom is not said")
        contains(s.command("inject from 10.77.0.9:4000 to sever:80 S"), 'did you mean "server"?')
        contains(s.command("ladder"), "nothing was on the wire yet")


@test("piped, an unmet expectation ends the session with status 1")
def piped():
    r = run(input="lab\nserver listen 80\ninject from 10.77.0.9:4000 to server:80 S 0:0(0)\n"
                  "expect server S. ack 5\nstate\n")
    equal(r.status, 1)
    contains(r.err, "ack: expected 5, got 1")
    lacks(r.out, "SYN_RCVD  10.77")


@test("piped, a close is told from the state that what was injected has left")
def trail():
    made = "inject from 10.77.0.9:4000 to server:80 "
    r = run(input="\n".join(["lab", "server listen 80", made + "S 0:0(0)", made + ". 1:1(0) ack 1",
                             "server accept", made + "P. 1:2(1) ack 1", "server shutdown s1 send",
                             made + ". 2:2(0) ack 2", "server close s1", ""]))
    equal((r.status, r.err), (0, ""))
    contains(r.out, "server  FIN_WAIT_1 -> FIN_WAIT_2\nserver.s1  FIN_WAIT_2 -> CLOSED")


@test("what is injected into a host's connection with itself, which the wire does not carry, is no bug of the tracker's")
def to_itself():
    r = run(input="lab\nclient listen 80\nclient connect client:80\nhold\n"
                  "inject from c1 to client:80 S 0:0(0)\nstep\n")
    contains(r.out, "client  CLOSED -> SYN_SENT -> ESTABLISHED  client  CLOSED")
    contains(r.out, "DELIVERED")
    lacks(r.out + r.err, "please report")
    equal(r.status, 0)


@test("a script is told why the wire stands still after data in a host's name")
def storm():
    script = """local net = lab()
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
inject('P. 1:6(5) ack 1 "hello"', {from = c.local_address, to = "server:80"})
while wire().running do sleep(0.001) end
"""
    with open("storm.lua", "w") as f:
        f.write(script)
    r = run("storm.lua", cwd=os.getcwd())
    equal(r.status, 0)
    equal(r.err.count("answer each other's ACK for ever"), 1)


@test("an ACK storm whose segments a function changes is stopped as well")
def altered_storm():
    script = """local net = lab()
local l = net.server:listen(80)
local c = net.client:connect("server:80")
l:accept()
local n = 0
wire:on(function(seg) n = n + 1 if seg.len == 0 then seg.seq = (seg.seq + 100000 + n) % (1 << 32) end end)
c:send("x")
while wire().running do sleep(0.001) end
print(n < 1000000)
"""
    with open("storm.lua", "w", encoding="utf-8") as f:
        f.write(script)
    r = run("storm.lua")
    equal((r.status, r.out), (0, "true\n"))
    contains(r.err, "(10000 so far)")


@test("help inject says what win is, what a ghost meets, and how Lua calls it")
def helped():
    out = run("-e", "help inject").out
    contains(" ".join(out.split()), "win is what the header has; show multiplies it by the scale")
    contains(out, "wire from ghosts")
    contains(out, 'inject({from = "10.77.0.9:40", to = "server:80", flags = "RST", seq = 1})')


need_lab()
main()
