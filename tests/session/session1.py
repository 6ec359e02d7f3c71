"""session1.py - the first session of the design, typed word for word, at 80 columns."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from mask import free_port, mask, same
from shell import Shell
from tap import equal, main, test

SESSION = """\
tcpstep> listen 7788 backlog=5
l1  LISTEN  0.0.0.0:7788  backlog 5
tcpstep> connect 127.0.0.1:7788
c1  CLOSED -> SYN_SENT -> ESTABLISHED  127.0.0.1:40140 > 127.0.0.1:7788  0.1 ms
    note: nobody has called accept. The kernel shook hands on its own;
          1 connection waits in the accept queue of l1.
tcpstep> state
name  state        local            peer             recvq  sendq  timer
l1    LISTEN       0.0.0.0:7788     -                  1/5      -  -
c1    ESTABLISHED  127.0.0.1:40140  127.0.0.1:7788       0      0  -
(l1)  ESTABLISHED  127.0.0.1:7788   127.0.0.1:40140      0      0  -
tcpstep> accept
s1  ESTABLISHED  127.0.0.1:7788 < 127.0.0.1:40140
tcpstep> send c1 "你好\\n"
c1  sent 7 bytes
    s1  7 bytes ready to read
tcpstep> recv s1 1024
s1  7 bytes  "你好\\n"
tcpstep> send s1 "thank you !"
s1  sent 11 bytes
    c1  11 bytes ready to read
tcpstep> recv c1 1024
c1  11 bytes  "thank you !"
tcpstep> close c1
c1  ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2  42 ms
    s1  ESTABLISHED -> CLOSE_WAIT  (peer sent FIN; it waits for your close)
tcpstep> recv s1
s1  end of stream
tcpstep> close s1
s1  CLOSE_WAIT -> LAST_ACK -> CLOSED
    c1  FIN_WAIT_2 -> TIME_WAIT  (60 s)
tcpstep> state
name  state      local            peer            recvq  sendq  timer
l1    LISTEN     0.0.0.0:7788     -                 0/5      -  -
c1    TIME_WAIT  127.0.0.1:40140  127.0.0.1:7788      -      -  57 s left
tcpstep> conect 127.0.0.1:9
error: unknown command "conect"; did you mean "connect"?
tcpstep> connect 127.0.0.1:9
error: connect 127.0.0.1:9: connection refused (ECONNREFUSED)
       The SYN was answered with RST: nothing listens on that port.
       More: help errors ECONNREFUSED
"""


def play(**how):
    port = str(free_port())
    want = None
    with Shell(cols=80, rows=40, **how) as shell:
        for block in ("\n" + SESSION).split("\ntcpstep> ")[1:]:
            typed, _, want = block.partition("\n")
            same(shell.command(typed.replace("7788", port)), want.replace("7788", port),
                 typed)
        equal(shell.quit(), 0)
        equal(mask(shell.output()), mask("\nclosed: l1  (c1 stays in TIME_WAIT in the kernel)"))


@test("session 1 is as the design shows it")
def plain():
    play(env={"NO_COLOR": "1"})


@test("session 1 reads the same in colour")
def colour():
    play()


main()
