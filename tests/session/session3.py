"""session3.py - the third session of the design: a failing scenario, and its whole report."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from mask import same
from shell import run
from tap import equal, main, test

CLEAN_CLOSE = """\
local net = lab("client", "server", { clock = "slow" })
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:send("hello")
check.state(s, "ESTABLISHED")
s:close()                 -- the server is done
check.eof(c)              -- so the client should read end of stream
"""

HANDSHAKE = """\
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
check.states { [c] = "ESTABLISHED", [l:accept()] = "ESTABLISHED" }
"""

HALF_CLOSE = """\
local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
c:shutdown()
check.eof(s)
check.states { [c] = "FIN_WAIT_2", [s] = "CLOSE_WAIT" }
"""

REPORT = """\
1) scenarios/clean_close.lua:8
   client.c1: expected end of stream, got ECONNRESET

      6 | check.state(s, "ESTABLISHED")
      7 | s:close()                 -- the server is done
   >  8 | check.eof(c)              -- so the client should read end of stream

   expected  FIN from the server (recv gives nil)
   got       RST from the server (recv raises ECONNRESET)

   why       server.s1 was closed with 5 unread bytes ("hello"). TCP then
             sends RST instead of FIN, to say that data was lost (RFC 1122,
             4.2.2.13).
   try       read before you close: s:recv()

   client 10.77.0.1:33038                      server 10.77.0.2:80
   ESTABLISHED  |--- #4 PSH,ACK s=1 len=5 "hello" ->|  ESTABLISHED   line 5
                |<-------------------- #5 ACK a=6 --|
   CLOSED       |<------------ #6 RST,ACK s=1 a=6 --|       CLOSED   line 7
                                                            (3 earlier: -v)

   name       state   recvq  sendq  last error
   client.c1  CLOSED      0      0  ECONNRESET
   server.l1  LISTEN  0/128      -  -
   server.s1  CLOSED      -      -  -

   kept      clean_close.pcapng
   again     tcpstep test scenarios/clean_close.lua
   debug     tcpstep test --stop scenarios/clean_close.lua  (prompt at line 8)
"""


def write(**files):
    os.makedirs("scenarios", exist_ok=True)
    for name, text in files.items():
        with open("scenarios/%s.lua" % name, "w", encoding="utf-8") as f:
            f.write(text)


def part(out):
    """The report, without the lines of the scenarios before it and the sum below."""
    return out[out.index("1) "):out.rindex("\n\n") + 1]


@test("a failing scenario among others is told as in the design's session")
def session():
    need_lab()
    write(clean_close=CLEAN_CLOSE, handshake=HANDSHAKE, half_close=HALF_CLOSE)
    r = run("test", "scenarios")
    equal(r.status, 1, r.out + r.err)
    equal(sorted(line[:5] for line in r.out.split("\n") if line[6:15] == "scenarios"),
          ["FAIL ", "ok   ", "ok   "])
    same(part(r.out), REPORT, "the report")
    for line in part(r.out).split("\n"):
        equal(len(line) <= 78, True, line)
    equal(os.path.exists("clean_close.pcapng"), True)


@test("-v shows the whole ladder")
def verbose():
    need_lab()
    write(clean_close=CLEAN_CLOSE)
    r = run("test", "-v", "scenarios/clean_close.lua")
    equal("#1 SYN" in r.out and "earlier: -v" not in r.out, True, r.out)


@test("the report does not depend on what runs beside it")
def side_by_side():
    need_lab()
    write(**{"copy%d" % i: CLEAN_CLOSE for i in range(16)})
    r = run("test", "-j", "8", "scenarios")
    equal(r.out.count('5 unread bytes ("hello")'), 16, r.out)
    equal(r.out.count("CLOSED   line 7\n"), 16, r.out)


if __name__ == "__main__":
    main()
