"""tutor.py - the tutor itself: what it keeps, what it survives, what it refuses."""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from learner import Learner, own_lesson
from network import own_network
from shell import TCPSTEP, TOP, run
from tap import Skip, contains, equal, lacks, main, test


# --- what a learner has done before ---

@test("a variable that has the name of a lesson's host makes way, and it is said")
def variable_like_a_host():
    need_lab()
    with Learner() as sh:
        got = sh.plays("server = listen(7788)", "tutorial handshake")
        contains(got, "your variable server is gone")
        contains(sh.command("client connect server:7788"), "1/6 done")
        lacks(sh.command("restart"), "variable")
        got = sh.plays("a, b = 1, 2", "tutorial both")
        contains(got, "your variable b is gone")
        contains(sh.command("a connect b:2000 from=1000"), "1/9 done")


@test("no variable that was set before a lesson breaks it")
def variables_before():
    with Learner() as sh:
        sh.command(" ".join(name + " = 1" for name in
                            "connect listen accept state show lab sleep next pcall ipairs".split()))
        for lesson in ("bytes", "goodbye", "timewait"):
            contains(sh.command("tutorial " + lesson), "--- 1/")
        contains(sh.command("close s1"), "CLOSE_WAIT")
        contains(sh.command("close c1"), "1/7 done")


@test("no variable that is changed in the middle of a lesson stops it")
def variables_within():
    with Learner() as sh:
        sh.plays("tutorial shell", "require, print, tutorial, lesson = nil")
        contains(sh.command("help listen"), "1/6 done")
        contains(sh.plays("", "listen 7788"), "2/6 done")
        contains(sh.command("restart"), "shell 2/6> help listen")
        contains(sh.command("listen 7788"), "2/6 done")


@test("at a question a number that is no choice shows the choices again")
def no_choice():
    with Learner(rows=60) as sh:
        sh.plays("tutorial first", "restart 8")
        for number in ("0", "4"):
            contains(sh.command(number), "(type 1, 2, 3, or try it first)")
            sh.prompt_is("first 8/11>")
        contains(sh.command("2"), "You expect 2: ")


@test("what was answered as a wrong turn does no later step, also not with what is done after it")
def wrong_turn_later():
    with Learner(rows=60) as sh:
        sh.plays("tutorial timewait", "close s1", "close c1", "")
        contains(sh.command("listen 7788 reuse=no"), "l1 still has the port")
        contains(sh.command("close l1"), "2/7 done")
        lacks(sh.plays("", "1"), "4/7 done")
        contains(sh.command("listen 7788 reuse=no"), "4/7 done")


# --- the stage ---


@test("a lesson whose lab the learner ends says how it goes on, once")
def lab_off():
    need_lab()
    with Learner() as sh:
        sh.plays("tutorial handshake")
        contains(sh.command("lab off"), "`restart` builds it anew")
        lacks(sh.plays("lab client server", "lab off"), "builds it anew")
        contains(sh.plays("restart", "client connect server:7788"), "1/6 done")

@test("what a lesson's setup does is not told")
def setup_is_quiet():
    with Learner(rows=60) as sh:
        got = sh.command("tutorial leak")
        lacks(got, "CLOSE_WAIT (")
        lacks(got, "peer sent FIN")
        contains(got, "--- 1/7 ---")


LONG = """
    setup = function() sleep(30) end,
	step { id = "go", done = { listening = {} }, solution = { "listen 0" } },
"""


@test("Ctrl-C in a setup ends the lesson, and all is shown again")
def setup_interrupted():
    with own_lesson(LONG, "lo", "@go T\n@go.hint.1 H\n@go.after A\n") as folder, \
            Learner("--lessons", folder) as sh:
        sh.send_line("tutorial own")
        time.sleep(0.3)
        sh.key("ctrl-c")
        sh.prompt()
        contains(sh.command("listen 0"), "l1  LISTEN")


SLOW = """
	step { id = "one", done = { called = { command = "sleep" } }, solution = { "sleep 30" } },
	step { id = "two", done = { listening = {} }, solution = { "listen 7788" } },
"""


@test("where Ctrl-C ends the steps that are done again the lesson goes on with what is there")
def again_interrupted():
    with own_lesson(SLOW, "lo", "@one S\n@one.hint.1 H\n@one.after A\n@two T\n@two.hint.1 H\n@two.after A\n") \
            as folder, Learner("--lessons", folder) as sh:
        sh.plays("tutorial own", "sleep 0", "")
        sh.send_line("restart")
        sh.expect(r"own 2/2> sleep 30")
        sh.key("ctrl-c")
        sh.expect("could not be done again")
        sh.prompt()
        lacks(sh.command("state"), "error")
        contains(sh.command("hint"), "hint 1 of 1")
        contains(sh.command("listen 7788"), "Lesson own is finished.")


@test("back would destroy the stage, and says so")
def no_back():
    with Learner() as sh:
        got = sh.plays("tutorial first", "listen 7788 backlog=5", "back")
        contains(got, "in a lesson `restart` builds the stage anew")
        contains(sh.command("state"), "LISTEN")
        sh.prompt_is("first 1/11>")


@test("answer that cannot do the step any more names restart, and skip builds the stage of the next anew")
def spoilt():
    with Learner(rows=60) as sh:
        sh.plays("tutorial first", "listen 7788 backlog=5", "connect 7788", "accept", "restart 8", "1", "close c1")
        got = sh.plays("answer", "")
        contains(got, "`restart` builds it anew")
        got = sh.plays("restart", "close c1", "skip")
        contains(got, "first 9/11> restart 10")
        contains(got, "first 10/11> close s1")
        contains(got, "--- 10/11 ---")
        contains(sh.command("close c1"), "10/11 done")
        equal(report_of(sh, "first")[3], "1")
        lacks(sh.plays("restart 9", "skip"), "restart 10")


@test("a lesson that is built anew goes on with the file that it wrote, and leaves older ones alone")
def own_file():
    need_lab()
    with open("lesson20.lua", "w") as f:
        f.write("-- mine\n")
    with Learner(rows=60) as sh:
        contains(sh.command("tutorial script"), "this lesson takes lesson20-2.lua")
        lacks(sh.plays("restart 4", "restart 4", "restart 4"), "in its place")
        equal(sorted(name for name in os.listdir(".") if name.startswith("lesson20")), ["lesson20-2.lua", "lesson20.lua"])
        contains(sh.plays("2", "test lesson20-2.lua"), "5/6 done")
    with open("lesson20.lua") as f:
        equal(f.read(), "-- mine\n")


# --- what is kept ---

@test("what was expected is judged also after tutorial off, and after quitting")
def guess_kept():
    with Learner(rows=60) as sh:
        sh.plays("tutorial first", "restart 8", "3", "tutorial off", "tutorial first")
        sh.prompt_is("first 9/11>")
        contains(sh.command("close s1"), "You expected 3; it was 2.")
        sh.plays("restart 8", "1")
        sh.quit()
        with Learner(home=sh.home, rows=60) as again:
            again.command("tutorial first")
            contains(again.command("close s1"), "You expected 1; it was 2.")


def report_of(sh, lesson):
    row = re.search(r"^%s +(\S+) +(\d+) +(\d+) +(\d+)" % lesson, sh.command("tutorial report"), re.M)
    return row.groups()


@test("hints and answers stay in the report when the step is done again; what was skipped may be done")
def help_kept():
    with Learner(rows=60) as sh:
        sh.plays("tutorial shell", "hint", "restart", "help listen")
        equal(report_of(sh, "shell"), ("1/6", "1", "0", "0"))
        sh.plays("restart", "help listen", "", "answer", "restart", "listen 7788")
        equal(report_of(sh, "shell"), ("2/6", "1", "1", "0"))
        sh.plays("restart", "listen 7788", "", "skip")
        equal(report_of(sh, "shell"), ("3/6", "1", "1", "1"))
        sh.plays("restart", "state")
        equal(report_of(sh, "shell"), ("3/6", "1", "1", "0"))


@test("who quits after a finished step, before Enter, comes back to the next")
def finished_is_finished():
    with Learner() as sh:
        sh.plays("tutorial shell", "help listen")
        sh.quit()
        with Learner(home=sh.home) as again:
            contains(again.command("tutorial"), "at step 2 of 6")
            again.command("tutorial shell")
            again.prompt_is("shell 2/6>")


@test("a file of progress that is a pipe, a device or a folder is set aside, not waited for")
def no_file():
    for make in (os.mkfifo, lambda path: os.symlink("/dev/zero", path), os.mkdir):
        with Learner() as sh:
            sh.command("tutorial")
            os.makedirs(sh.home + "/state/tcpstep", exist_ok=True)
            make(sh.home + "/state/tcpstep/lessons")
            contains(sh.command("tutorial"), "set aside")
            contains(sh.plays("tutorial shell", "help listen"), "1/6 done")
            contains(sh.command("tutorial"), "[-]  1  shell")


# --- the list, the report ---

@test("60 columns: a title that is too long goes on below itself, not in the middle of a word")
def narrow_list():
    with Learner(cols=60, rows=60) as sh:
        contains(sh.command("tutorial"), "  2  first        The article's server and client, by\n"
                 "                       hand\n")


@test("44 columns: a choice goes on below itself, not in the middle of a word")
def narrow_choices():
    with Learner(cols=44, rows=60) as sh:
        contains(sh.plays("tutorial first", "restart 8", "lesson"),
                 "  2  FIN_WAIT_2: it waits for the client to\n     close, too\n")


@test("36 columns: no title is broken in the middle of a word")
def narrowest_list():
    with Learner(cols=36, rows=80) as sh:
        contains(sh.command("tutorial"), "  [ ]  7  numbers    *\n      Sequence numbers: what SYN,\n      data and FIN cost\n")
        equal(sh.screen.wraps, 0)


@test("60 columns: the report fits, in English and Chinese")
def narrow_report():
    for lang, head in (("en", "lesson      done  hints  answers  skipped  last\n"), ("zh", "课程        完成  提示  答案  跳过  最近\n")):
        with Learner("--lang", lang, cols=60, rows=60) as sh:
            sh.plays("tutorial shell", "help listen")
            contains(sh.command("tutorial report"), head)
            equal(sh.screen.wraps, 0)


@test("tutorial report --json is taken at the prompt and on the command line")
def report_json():
    with Learner(cols=2000) as sh:
        sh.plays("tutorial shell", "help listen")
        rows = json.loads(sh.command("tutorial report --json"))["values"][0]
        equal((rows[0]["lesson"], rows[0]["done"], rows[0]["steps"]), ("shell", 1, 6))
        got = run("tutorial", "report", "--json", home=sh.home)
        equal(got.json()[0]["values"][0], rows)
        equal(got.json(), run("--json", "tutorial", "report", home=sh.home).json())
        contains(sh.command("tutorial report --jsn"), 'not "--jsn"')


# --- no lab ---

def denied():
    """A command in front of which no lab can be made."""
    deny = ("for n in net user; do echo 0 >/proc/sys/user/max_${n}_namespaces || exit; done\n"
            "exec \"$@\"")
    inside = ["unshare", "-Ur", "sh", "-c", deny, "sh"]
    if subprocess.run(inside + ["true"], capture_output=True).returncode:
        raise Skip("no user namespace in which a lab can be denied")
    return inside + [TCPSTEP]


def done_so_far(home, *lessons):
    os.makedirs(home + "/state/tcpstep", exist_ok=True)
    with open(home + "/state/tcpstep/lessons", "w") as f:
        for name in lessons:
            with open("%s/scripts/tutorial/%s/lesson.lua" % (TOP, name)) as lesson:
                ids = re.findall(r'^\t(?:\tid =|predict \{ id =) "([a-z-]+)"', lesson.read(), re.M)
            f.writelines("%s %s done 0 1700000000\n" % (name.split("-", 1)[1], step) for step in ids)


@test("where no lab can be made only lessons that need none are proposed, to the last of them")
def no_lab():
    with Learner(program=denied(), cols=200) as sh:
        contains(sh.command("lab"), "error: ")
        got = sh.command("tutorial handshake")
        contains(got, "This lesson needs the lab, which cannot be made here: ")
        contains(got, "user namespaces are off")
        contains(got, "These need no lab: shell, first")
        sh.prompt_is("tcpstep>")
        contains(sh.command("tutorial shell"), "--- 1/6 ---")
        five = ("01-shell", "02-first", "03-queue", "04-bytes", "05-goodbye")
        done_so_far(sh.home, *five)
        got = sh.command("tutorial")
        contains(got, "* needs the lab, which cannot be made here: ")
        contains(got, "`tutorial timewait` begins one")
        contains(sh.plays("tutorial goodbye", "restart 6", "skip"), "The next one: `tutorial timewait`")
        contains(sh.command("tutorial next"), "12 TIME_WAIT")
        done_so_far(sh.home, *five, "12-timewait", "19-leak")
        contains(sh.command("tutorial next"), "All others are done: those left need the lab")


own_network()
main()
