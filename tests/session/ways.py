"""ways.py - in each lesson other ways than the solution's: what is right counts, and its text is true."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from learner import Learner
from network import own_network
from tap import contains, equal, lacks, main, test


class Way(Learner):
    """A learner at a step of a lesson, on a screen that holds all."""

    def __init__(self, lesson, step, *more):
        super().__init__(*more, rows=100)
        self.command("tutorial %s" % lesson)
        if step > 1:
            self.command("restart %d" % step)

    def does(self, line, says, timeout=20):
        """Types a line and waits for what comes of it, perhaps later."""
        self.send_line(line)
        self.expect(says, timeout)
        self.prompt()

    def reaches(self, line, step):
        """Types a line that finishes the step."""
        self.does(line, "--- %d/\\d+ done" % step)


@test("lesson 2: both ends may be closed by one line; a second listener is named to accept")
def first():
    with Way("first", 9) as sh:
        sh.reaches("close s1 c1", 9)
        contains(sh.command(""), "10/11 done")
    with Way("first", 1) as sh:
        contains(sh.command("listen 7799"), "another port")
        sh.reaches("listen 7788 backlog=5", 1)
        sh.plays("", "connect 7788", "")
        contains(sh.command("accept"), "as in: accept l2")
        sh.reaches("accept l2", 3)
        sh.plays("restart 11", "listen 7799")
        contains(sh.command("close l2"), "Somebody still listens on 7788")
        contains(sh.command("close l1"), "Lesson first is finished.")


@test("lesson 2: what the client read before the server's answer is not the answer")
def first_answer():
    with Way("first", 4) as sh:
        sh.plays("send s1 hello", "recv c1", "send c1 hello", "", "recv s1", "", 'send s1 "thank you !"')
        lacks(sh.command(""), "7/11 done")
        sh.reaches("recv c1", 7)
        sh.plays("", "2")
        contains(sh.command("close s1"), "FIN_WAIT_2")
    with Way("first", 4) as sh:
        sh.plays("send c1 hello", "recv s1", "send s1 yes", "recv c1", "", "", "")
        sh.prompt_is("first 7/11>")
        contains(sh.command("lesson"), "In which state is s1")


@test("lesson 3: the listener is closed as well by Lua")
def queue():
    with Way("queue", 8) as sh:
        sh.reaches("l1:close()", 8)


@test("lesson 4: after a recv between the sends two more make up for it, and have to be read")
def stream():
    with Way("bytes", 1) as sh:
        sh.plays("send c1 hello", "recv s1", "send c1 wor")
        sh.reaches("send c1 ld", 1)
        sh.plays("", "2")
        sh.prompt_is("bytes 3/6>")
        sh.reaches("print(s1:recv(1024))", 3)


@test("lesson 5: both ends by one line, the server first")
def goodbye():
    with Way("goodbye", 6) as sh:
        sh.does("close s2 c2", "Lesson goodbye is finished")


@test("lesson 6: two steps at once do, continue at the end does, the SYN may be shown by Lua")
def handshake():
    need_lab()
    with Way("handshake", 2) as sh:
        sh.reaches("print(show(1).raw_seq)", 2)
        sh.plays("", "2")
        sh.reaches("step 2", 4)
        contains(sh.command(""), "5/6 done")
        sh.plays("")
        sh.does("continue", "Lesson handshake is finished")


BOTH = 'client.c1:send("head") client.c1:send("body")'


@test("lesson 16: the option may be set after a first try, and is not blamed for what came before it")
def nagle():
    need_lab()
    with Way("nagle", 8) as sh:
        sh.command("continue")
        sh.command("sleep 0.1")
        contains(sh.command(BOTH), "Set quickack to no")
        lacks(sh.command("option server.s1 quickack no"), "The ACK was there")
        sh.command(BOTH)
        sh.command("sleep 0.1")
        sh.reaches("trace events=yes", 8)


@test("lesson 18: both ends by one line, or by shutdown, close at the same time just as well")
def both():
    need_lab()
    for lines in (("close a.c1 b.c1",), ("shutdown a.c1", "shutdown b.c1")):
        with Way("both", 6) as sh:
            for line in lines[:-1]:
                sh.command(line)
            sh.reaches(lines[-1], 6)
            sh.plays("", "2")
            sh.reaches("step 2", 8)
            sh.command("")
            sh.does("step 2", "Lesson both is finished")


@test("lesson 19: after a connection in use was closed the leak can be closed still; any client may go last")
def leak():
    with Way("leak", 6) as sh:
        contains(sh.command("close s5"), "That connection was in use")
        sh.command("close s2")
        sh.reaches("s4:close()", 6)
        sh.command("")
        contains(sh.plays("close c3", "close s3"), "Closed, but not read to the end")
        sh.command("restart")
        sh.plays("close c5", "recv s5")
        sh.does("close s5", "Lesson leak is finished")


@test("lesson 20: a file that the learner has is not written over, and the texts say another name")
def script():
    need_lab()
    with open("lesson20.lua", "w") as f:
        f.write("mine")
    with Way("script", 1) as sh:
        contains(sh.text().replace("\n", " "), "a file lesson20.lua already; this lesson takes lesson20-2.lua")
        sh.command("restart 3")
        contains(sh.command("lesson"), "history save lesson20-2.lua expect=yes")
        contains(sh.command("history save here.lua"), "hardly asks what comes of it")
        sh.reaches("history save here.lua expect=yes force=yes", 3)
        sh.plays("restart 6", "test nosuch.lua")
        sh.does("test nosuch.lua", "there is no such file")
        lacks(sh.text(sh.mark), "6/6 done")
    with open("lesson20.lua") as f:
        equal(f.read(), "mine")


own_network()
main()
