"""session2.py - the second session of the design: the handshake, one segment at a time."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from tap import contains, equal, main, test

# Where the design's session shows "(Enter repeats step)" nothing is typed.
SESSION = """\
tcpstep> lab client server
lab: client 10.77.0.1 ---------- wire ---------- server 10.77.0.2     running
lab> hold
Each segment now stops on the wire; step delivers the oldest.     clock: slow
lab> server listen 80
server.l1  LISTEN  0.0.0.0:80  backlog 128
lab> client connect server:80
#1  client -> server  SYN      seq=0         win=64240 mss=1460 ws=10  HELD
    client  CLOSED -> SYN_SENT          server  LISTEN
    client.c1 is still connecting (t1); the wire holds 1 segment.
lab:1> show 1
#1  SYN: "I want to talk; my first sequence number is 0 (raw 1186613122)."
    10.77.0.1:41786 -> 10.77.0.2:80   len 0   options: mss 1460, sack, ts, ws 10
    held 9 s; sent again after 1.0 s (1 copy folded into #1)
lab:1> step
#1  client -> server  SYN      seq=0                                   DELIVERED
    client  SYN_SENT                    server  LISTEN -> SYN_RCVD
#2  server -> client  SYN,ACK  seq=0 ack=1   win=65160 mss=1460 ws=10  HELD
lab:1>
#2  server -> client  SYN,ACK  seq=0 ack=1                             DELIVERED
    client  SYN_SENT -> ESTABLISHED     server  SYN_RCVD
#3  client -> server  ACK      seq=1 ack=1   win=64512                 HELD
    client.c1 connected. The server does not know it yet.
lab:1>
#3  client -> server  ACK      seq=1 ack=1                             DELIVERED
    client  ESTABLISHED                 server  SYN_RCVD -> ESTABLISHED
    server.l1  1 connection waits in the accept queue
lab> ladder
      client 10.77.0.1:41786                       server 10.77.0.2:80
      CLOSED                                                    LISTEN
      SYN_SENT     |--- #1 SYN seq=0 ------------------>|
                   |  (sent again after 1.0 s)          |
                   |                                    |     SYN_RCVD
                   |<------------- #2 SYN,ACK s=0 a=1 --|
      ESTABLISHED  |                                    |
                   |--- #3 ACK a=1 -------------------->|
                   |                                    |  ESTABLISHED
lab> save handshake.pcapng
handshake.pcapng  4 packets (1 marked "retransmission, folded by tcpstep")
"""


def blocks():
    """(prompt, line, what it prints) of each part of the session."""
    parts, now = [], None
    for line in SESSION.rstrip("\n").split("\n"):
        prompt, mark, typed = line.partition(">")
        if mark and prompt.split(":")[0] in ("tcpstep", "lab") and " " not in prompt:
            now = [prompt + ">", typed.strip(), []]
            parts.append(now)
        else:
            now[2].append(line)
    return [(p, t, "\n".join(w)) for p, t, w in parts]


def play(shell):
    for prompt, typed, want in blocks():
        shell.prompt_is(prompt)
        if typed == "show 1":
            until_sent_again(shell)
        shell.send_line(typed)
        shell.comes(want, typed or "Enter")
        shell.prompt()


def until_sent_again(shell):
    """The kernel's own timer, about a second: looks until the copy is there."""
    shell.until(lambda: "sent again" in shell.command("show 1"), "the folded copy")


@test("the session runs word for word at 80 columns, and the ladder stays as it was")
def session():
    need_lab()
    with LabShell(cols=80, rows=40) as shell:
        play(shell)
        equal(shell.quit(), 0)


@test("what was saved is a capture, and nothing of the lab is left")
def saved():
    need_lab()
    with LabShell(cols=80, rows=40) as shell:
        for line in ("lab", "server listen 80", "client connect server:80"):
            shell.command(line)
        contains(shell.command("save handshake.pcapng"), "3 packets")
        with open("handshake.pcapng", "rb") as f:
            equal(f.read(4), b"\n\r\r\n")
        contains(shell.command("lab off"), "lab: gone")
        shell.prompt_is("tcpstep>")


if __name__ == "__main__":
    main()
