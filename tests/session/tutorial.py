"""tutorial.py - lessons as a learner meets them, at a terminal."""
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from learner import Learner, own_lesson
from network import own_network
from shell import TOP, run
from tap import contains, equal, lacks, main, test


# --- lesson 1 ---

@test("the list shows all lessons, none begun; tutorial next begins the first")
def the_list():
    with Learner() as sh:
        got = sh.command("tutorial")
        contains(got, "[ ]  1  shell")
        contains(got, "[ ]  2  first")
        lacks(got, "  [-]")
        got = sh.command("tutorial next")
        contains(got, "1 Finding your way")
        contains(got, "help listen")
        sh.prompt_is("shell 1/6>")


@test("lesson 1, with a wrong turn, a hint, a restart and a return after quitting")
def lesson_1():
    with Learner() as sh:
        home = sh.home
        got = sh.plays("tutorial shell", "help listen")
        contains(got, "1/6 done")
        contains(sh.command(""), "listen 7788")
        sh.prompt_is("shell 2/6>")
        got = sh.command("listen 7799")
        contains(got, "but on another port")
        lacks(got, "done")
        contains(sh.command("hint"), "hint 1 of 2")
        contains(sh.command("restart"), "shell 2/6> help listen")
        contains(sh.command("hint"), "hint 1 of 2")
        contains(sh.command("listen 7788"), "2/6 done")
        sh.command("")
        sh.prompt_is("shell 3/6>")
        sh.quit()
        with Learner(home=home) as again:
            got = again.command("tutorial")
            contains(got, "[-]  1  shell")
            contains(got, "at step 3 of 6")
            got = again.command("tutorial shell")
            contains(got, "You were here before")
            contains(got, "shell 3/6> listen 7788")
            again.prompt_is("shell 3/6>")
            got = again.plays("state", "", 'c1 = connect("127.0.0.1:7788")')
            contains(got, "4/6 done")
            contains(again.plays("", "connect 127.0.0.1:7788"), "Take a port that nobody listens on")
            contains(again.command("connect 127.0.0.1:9"), "5/6 done")
            contains(again.plays("", "close l1"), "That was the listener, and with it went c1")
            lacks(again.command("close c1"), "6/6 done")
            got = again.plays("restart", "close c1")
            contains(got, "6/6 done")
            contains(got, "Lesson shell is finished.")
            contains(got, "The next one: `tutorial first`")
            again.prompt_is("tcpstep>")
            contains(again.command("tutorial"), "[x]  1  shell")


# --- lesson 2 ---

@test("lesson 2 in Chinese, with a wrong turn, a hint, answer, skip, a return after quitting and a restart")
def lesson_2():
    with Learner("--lang", "zh") as sh:
        home = sh.home
        got = sh.command("tutorial 2")
        contains(got, "2 亲手建立一次连接")
        contains(sh.plays("listen 7788 backlog=5", "", "connect 127.0.0.1:7788"), "SYN,ACK")
        contains(sh.plays("", "accept"), "newSocket")
        contains(sh.plays("", 'send s1 "你好"'), "s1 是服务器这一端")
        contains(sh.command('send c1 "你好"'), "4/11 完成")
        contains(sh.plays("", "hint"), "提示 1/1")
        contains(sh.command("answer"), "    recv s1 1024")
        got = sh.command("")
        contains(got, "first 5/11> recv s1 1024")
        contains(got, "5/11 完成")
        contains(sh.plays("", "skip"), 'first 6/11> send s1 "thank you !"')
        contains(sh.plays("", 'print(recv(c1, 1024))'), "7/11 完成")
        sh.command("")
        sh.quit()
        with Learner("--lang", "zh", home=home) as again:
            lesson_2_again(again)


def lesson_2_again(sh):
    got = sh.command("tutorial first")
    contains(got, "从上次停下的地方继续")
    contains(got, "first 8/11> recv c1 1024")
    contains(got, "  2  FIN_WAIT_2")
    sh.prompt_is("first 8/11>")
    contains(sh.command("state"), "ESTABLISHED")
    got = sh.command("3")
    contains(got, "你的预测：3 ")
    sh.prompt_is("first 9/11>")
    contains(sh.command("restart"), "first 9/11> recv c1 1024")
    got = sh.command("close s1")
    contains(got, "你预测的是 3，实际是 2。")
    contains(sh.plays("", "close c1"), "10/11 完成")
    contains(sh.plays("", "close l1"), "11/11 完成")
    sh.prompt_is("tcpstep>")


# --- lesson 6 ---

@test("lesson 6: the three segments by hand, SYN_SENT and SYN_RCVD on the way")
def lesson_6():
    need_lab()
    with Learner() as sh:
        got = sh.command("tutorial handshake")
        contains(got, "--- 1/6 ---")
        got = sh.command("client connect server:80")
        contains(got, "another port")
        contains(sh.command("restart"), "client connect server:7788")
        got = sh.command("client connect server:7788")
        contains(got, "CLOSED -> SYN_SENT")
        contains(got, "1/6 done")
        sh.prompt_is("handshake 1/6 lab:1>")
        contains(sh.plays("", "show 1"), "raw")
        contains(sh.command(""), "In which state is the server's end then?")
        sh.command("2")
        got = sh.command("step")
        contains(got, "LISTEN -> SYN_RCVD")
        contains(got, "That is what you expected.")
        contains(sh.plays("", "step"), "SYN_SENT -> ESTABLISHED")
        got = sh.plays("", "step")
        contains(got, "SYN_RCVD -> ESTABLISHED")
        contains(got, "6/6 done")
        sh.prompt_is("lab>")
        contains(sh.command("ladder"), "SYN_SENT     |--- #1 SYN seq=0")


@test("lesson 6, left in the middle: the segments are carried again up to where it was left")
def lesson_6_again():
    need_lab()
    with Learner() as sh:
        sh.plays("tutorial handshake", "client connect server:7788", "", "show 1", "", "3", "step", "")
        sh.prompt_is("handshake 5/6 lab:1>")
        sh.command("drop")
        sh.quit()
        with Learner("tutorial", "handshake", home=sh.home) as again:
            again.expect("handshake 4/6 lab:1> step|5/6 lab:1> step")
            again.prompt()
            again.prompt_is("handshake 5/6 lab:1>")
            contains(again.command("step"), "SYN_SENT -> ESTABLISHED")


# --- lesson 10 ---

@test("lesson 10, with a wrong turn, a hint, a restart and a return after quitting: all five states")
def lesson_10():
    need_lab()
    with Learner() as sh:
        def does(line, says):
            sh.send_line(line)
            sh.expect(says)
            # The last that is told of a step, or of the lesson: the prompt stands below each line of it.
            sh.expect(r"\(Enter goes on\)|The next one: ")
            sh.prompt()

        contains(sh.command("tutorial close-slow"), "--- 1/8 ---")
        got = sh.command("close server.s1")
        contains(got, "That was the server's end.")
        lacks(got, "1/8 done")
        contains(sh.command("hint"), "hint 1 of 2")
        sh.command("restart")
        sh.prompt_is("close-slow 1/8>")
        does("close client.c1", "1/8 done")
        contains(sh.text(), "client  ESTABLISHED -> FIN_WAIT_1   server  ESTABLISHED")
        sh.plays("", "2")
        does("step", "3/8 done")
        contains(sh.text(), "client  FIN_WAIT_1                  server  ESTABLISHED -> CLOSE_WAIT")
        contains(sh.text(), "You expected 2; it was 1.")
        sh.command("")
        does("step", "4/8 done")
        contains(sh.text(), "client  FIN_WAIT_1 -> FIN_WAIT_2    server  CLOSE_WAIT")
        sh.plays("", "3")
        sh.prompt_is("close-slow 6/8>")
        sh.quit()
        with Learner(home=sh.home) as again:
            sh = again
            contains(sh.command("tutorial"), "at step 6 of 8")
            sh.send_line("tutorial close-slow")
            sh.expect("--- 6/8 ---")
            sh.prompt()
            does("server.s1:close()", "6/8 done")
            contains(sh.text(), "client  FIN_WAIT_2                  server  CLOSE_WAIT -> LAST_ACK")
            sh.command("")
            does("step", "7/8 done")
            contains(sh.text(), "client  FIN_WAIT_2 -> TIME_WAIT     server  LAST_ACK")
            sh.command("")
            does("step", "Lesson close-slow is finished.")
            contains(sh.text(), "client  TIME_WAIT                   server  LAST_ACK -> CLOSED")
            sh.prompt_is("lab>")


# --- another order, another way ---

@test("who does the next step too early has done it")
def early():
    with Learner() as sh:
        sh.plays("tutorial first", "listen 7788 backlog=5", "connect 127.0.0.1:7788", "accept")
        got = sh.command("")
        contains(got, "2/11 done")
        contains(sh.command(""), "3/11 done")
        sh.command("")
        sh.prompt_is("first 4/11>")


@test("a learner's variable may have any name, also that of a command or of a function of Lua's")
def names():
    with Learner() as sh:
        names = "sleep state show held trace listen lab print ipairs next type string table math io os error"
        sh.plays("tutorial shell", " ".join(name + " = 1" for name in names.split()))
        sh.prompt_is("shell 1/6>")
        contains(sh.command("help listen"), "1/6 done")
        contains(sh.command(""), "listen 7788")
        contains(sh.plays("listen 7788", "hint"), "The step is done.")
        contains(sh.plays("restart", "tutorial report"), "shell       2/6")


@test("lesson 2: a client that closes first is no server that does, and the question is not answered by it")
def client_first():
    with Learner() as sh:
        sh.plays("tutorial first", "listen 7788 backlog=5", "connect 7788", "accept", "send c1 x", "recv s1", "send s1 y",
                 "recv c1", "", "", "", "", "", "", "", "2")
        sh.prompt_is("first 9/11>")
        contains(sh.command("close c1"), "restart, then s1")
        lacks(sh.command("close s1"), "9/11 done")
        sh.command("restart")
        contains(sh.command("close s1"), "That is what you expected.")


@test("a step that wants what the step before wants is not done by the same line")
def not_twice():
    with Learner() as sh:
        sh.plays("tutorial first", "listen 7788 backlog=5", "", "connect 7788", "", "accept", "")
        got = sh.command('send(c1, "hello") send(s1, "thank you !")')
        contains(got, "4/11 done")
        lacks(got, "6/11")
        sh.plays("", "recv s1 1024")
        contains(sh.command(""), "This you have done already.")


@test("what happens while nothing is typed is seen: a retransmission in the background")
def background():
    with own_lesson("""
        setup = function(net) net.wire:hold() net.server:listen(80) end,
        hosts = { "client", "server" }, clock = "real",
        step { id = "wait", done = { held = { copies = function(c) return #c > 0 end } },
            near = { dropped = { dropped = {} } },
            solution = { "client connect server:80" } },
    """, "lab", "@wait\nWait.\n@wait.hint.1 x\n@wait.near.dropped No.\n@wait.after It came.\n") as folder:
        need_lab()
        with Learner("--lessons", folder, "tutorial", "own") as sh:
            sh.command("client connect server:80")
            sh.expect("It came.")


# --- at the edges ---


@test("a damaged file of progress is set aside, and what can be read of it stays")
def damaged():
    with Learner() as sh:
        home = sh.home
        sh.plays("tutorial shell", "help listen")
        path = home + "/state/tcpstep/lessons"
        with open(path, "a") as f:
            f.write("what is this?\n")
        got = sh.command("tutorial")
        contains(got, "set aside")
        contains(got, "[-]  1  shell")
        with open(path + ".damaged") as f:
            contains(f.read(), "what is this?")
        lacks(sh.command("tutorial"), "set aside")


@test("where nothing can be kept the lessons work, and say so once")
def not_kept():
    with Learner(env={"XDG_STATE_HOME": "/dev/null"}) as sh:
        contains(sh.command("tutorial shell"), "cannot be saved")
        got = sh.command("help listen")
        contains(got, "1/6 done")
        lacks(got, "cannot be saved")


@test("60 columns: no line of a lesson is wider, in English or Chinese")
def narrow():
    for lang in ("en", "zh"):
        with Learner("--lang", lang, cols=60, rows=60) as sh:
            for lesson in ("shell", "first"):
                got = sh.command("tutorial " + lesson)
                for line in sh.screen.lines(sh.mark):
                    wide = sum(2 if ord(c) > 0x2e80 else 1 for c in line)
                    equal(wide <= 60, True, line)
                    lacks("，。：；？！、）", line[:1] or " ")
                contains(got, "1/")


@test("LANG=C: the lessons are in English, and --lang zh is refused with a reason")
def lang_c():
    with Learner(lang="C") as sh:
        contains(sh.command("tutorial shell"), "Finding your way")
    got = run("--lang", "zh", "tutorial", "shell", lang="C")
    contains(got.err, "UTF-8")
    contains(got.out, "Finding your way")


@test("set lang changes the language in the middle of a lesson")
def switch():
    with Learner() as sh:
        sh.plays("tutorial shell", "set lang zh")
        contains(sh.command("lesson"), "这里输入的每一行")


@test("without a lesson under way hint, answer, skip, restart and lesson say what to do")
def none():
    with Learner() as sh:
        for word in ("lesson", "hint", "answer", "skip", "restart"):
            got = sh.command(word)
            contains(got, "no lesson is under way")
            contains(got, "tutorial next")
        contains(sh.command("tutorial nosuch"), 'there is no lesson "nosuch"')


@test("sockets that were there before a lesson are closed, and it is said")
def closed():
    with Learner() as sh:
        sh.plays("listen 7700", "c1 = connect(7700)")
        contains(sh.command("tutorial first"), "note: closed: l1, c1.")
        sh.plays("tutorial off", "set lang zh", "listen 7700")
        contains(sh.plays("c1 = connect(7700)", "tutorial first"), "已关闭 l1、c1。")
        contains(sh.command("listen 7788"), "l1  LISTEN")


@test("tutorial off ends a lesson, its sockets stay; the lesson can be gone on with")
def off():
    with Learner() as sh:
        sh.plays("tutorial first", "listen 7788 backlog=5", "")
        got = sh.command("tutorial off")
        contains(got, "comes back to it")
        sh.prompt_is("tcpstep>")
        contains(sh.command("state"), "LISTEN")
        sh.command("tutorial first")
        sh.prompt_is("first 2/11>")


@test("Ctrl-C while a lesson is built again gives the prompt, and restart builds it after all")
def interrupted():
    with own_lesson("""
	step { id = "one", done = { called = { command = "sleep" } }, solution = { "sleep 30" } },
	step { id = "two", done = { listening = {} }, solution = { "listen 7788" } },
""", "lo", "@one S\n@one.hint.1 H\n@one.after A\n@two T\n@two.hint.1 H\n@two.after A\n") as folder:
        with Learner("--lessons", folder) as sh:
            sh.plays("tutorial own", "sleep 0", "")
            sh.prompt_is("own 2/2>")
            sh.send_line("restart")
            sh.expect(r"own 2/2> sleep 30")
            sh.key("ctrl-c")
            sh.expect("could not be done again")
            sh.prompt()
            contains(sh.command("restart 1"), "--- 1/2 ---")


@test("the report counts steps, hints, answers and skips, also as JSON")
def report():
    with Learner() as sh:
        sh.plays("tutorial shell", "hint", "help listen", "", "answer", "", "", "skip")
        got = re.search(r"^shell +(\S+) +(\d+) +(\d+) +(\d+)", sh.command("tutorial report"), re.M)
        equal(got.groups(), ("3/6", "1", "1", "1"))
        row = run("--json", "tutorial", "report", home=sh.home).json()[0]["values"][0][0]
        equal((row["lesson"], row["done"], row["hints"], row["answers"], row["skipped"]),
              ("shell", 3, 1, 1, 1))


@test("with --json a lesson's texts are events")
def json():
    for lang in ("en", "zh"):
        got = run("--json", "--lang", lang, input="tutorial shell\nhelp listen\n\nlisten 7788\n").json()
        texts = "".join(e["text"] for e in got if e["event"] == "lesson")
        contains(texts, "2/6 " + {"en": "done", "zh": "完成"}[lang])


@test("a port that the learner's own listener has is not one that another program has taken")
def own_port():
    for lesson in ("shell", "first", "queue"):
        with Learner() as sh:
            sh.plays("tutorial " + lesson, *(("help listen", "") if lesson == "shell" else ()))
            lacks(sh.plays("listen 7789", "listen 7789"), " done ---")
            contains(sh.command("listen 7788 backlog=5"), " done ---")


@test("where another program has the lesson's port the lesson takes another, and when it is built anew, too")
def other_port():
    with socket.create_server(("127.0.0.1", 7788)), Learner() as sh:
        got = sh.command("tutorial first")
        contains(got, "another program has port 7788; this lesson takes 8788 in its place")
        contains(got, "    listen 8788 backlog=5")
        contains(sh.command("listen 8788 backlog=5"), "1/11 done")
        contains(sh.command(""), "    connect 127.0.0.1:8788")
        contains(sh.command("answer"), "    connect 127.0.0.1:8788")
        contains(sh.plays("restart 4", "send c1 \"hello\""), "4/11 done")
        sh.quit()
        got = run("tutorial", "test", TOP + "/scripts/tutorial", "first")
        contains(got.out, "ok      first")


@test("what was so when its step began is said to be done already")
def already():
    with Learner() as sh:
        got = sh.plays("tutorial first", "listen 7788 backlog=5", "connect 7788", "")
        contains(got, "This you have done already.")


@test("a lesson's name that is nearly right is answered with the right one; a word too many is refused")
def nearly():
    with Learner() as sh:
        contains(sh.command("tutorial hanshake"), 'did you mean "handshake"?')
        contains(sh.command("tutorial report x"), 'not "x"')
        contains(sh.command("tutorial first 3"), 'not "3"')
        sh.prompt_is("tcpstep>")


own_network()
main()
