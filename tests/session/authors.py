"""authors.py - lessons of one's own: read, linted, tested."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from learner import STEP, TEXTS, Learner, own_lesson
from network import own_network
from shell import TOP, run
from tap import contains, equal, lacks, main, test


@test("one's own lessons stand in for those inside the program")
def own():
    with own_lesson(STEP, "lo", TEXTS) as folder:
        with Learner("--lessons", folder) as sh:
            got = sh.command("tutorial")
            contains(got, "1  own")
            lacks(got, "shell")
            contains(sh.plays("tutorial own", "listen 7789"), "N")
            contains(sh.command("listen 7788"), "Lesson own is finished.")
        equal(run("--lessons", folder, "tutorial", "lint").out, "1 lesson, 0 problems\n")


@test("a missing text is named with file and line, and English stands for Chinese with one note")
def missing():
    with own_lesson(STEP, "lo", TEXTS, zh=TEXTS.replace("@go.hint.1 H\n", "")) as folder:
        got = run("tutorial", "lint", folder)
        equal(got.status, 1)
        contains(got.out, "01-own/zh.txt:1: there is no @go.hint.1\n")
        with Learner("--lang", "zh", "--lessons", folder) as sh:
            contains(sh.command("tutorial own").replace("\n", " "), "there is no @go.hint.1")
            got = sh.command("hint")
            contains(got, "暂以英文显示")
            contains(got, "H")


def lint_says(text, body=STEP, texts=TEXTS):
    with own_lesson(body, "lo", texts) as folder:
        got = run("tutorial", "lint", folder)
        contains(got.out, text)
        equal(got.status, 1)
        got = run("--lessons", folder, "tutorial", "own")
        contains(got.out + got.err, text.split(": ")[0])


@test("what is wrong in a lesson is named by file and line, by the lint and by the run")
def lint():
    lint_says('lesson.lua:3: step go: done.listening: there is no field "prt"',
              STEP.replace("port = 7788", "prt = 7788"))
    lint_says('lesson.lua:3: step go: done: there is no condition "listning"',
              STEP.replace("done = { listening", "done = { listning"))
    lint_says('lesson.lua:3: there is no field "dnoe" here', STEP.replace("\t\tid", "\t\tdnoe = 1, id"))
    lint_says("lesson.lua:3: step go has no solution", STEP.replace('solution = { "listen 7788" },', ""))
    lint_says("lesson.lua:4: ", STEP.replace('id = "go",', 'id = = "go",'))
    lint_says('lesson.lua:3: step go: done.state.is: there is no state "LISTN"',
              STEP.replace("listening = { port = 7788 }", 'state = { is = "LISTN" }'))
    lint_says('lesson.lua:3: step go: done.trail: there is no state "FIN_WAIT1"',
              STEP.replace("listening = { port = 7788 }", 'trail = { "FIN_WAIT1" }'))
    lint_says("lesson.lua:3: step go: near.other: wrong.other is missing",
              STEP.replace('wrong = { other = { "listen 7789" } },', ""))
    lint_says("lesson.lua:1: clock is \"slow\" or \"real\"", '\tclock = "fast",\n' + STEP)
    lint_says("lesson.lua:1: port is a whole number", '\tport = 1.5,\n' + STEP)
    lint_says("en.txt:7: @went belongs to no step of lesson.lua", texts=TEXTS + "@went away\n")
    lint_says("en.txt:3: the line is 95 columns wide; 78 is the most",
              texts=TEXTS.replace("Listen.", "x" * 95))
    lint_says("zh.txt:3: half-width \",\" beside a Chinese character",
              texts=TEXTS.replace("Listen.", "监听,"))


@test("one mistake is told once: a file that is not there or does not load has no missing or surplus texts")
def once():
    with own_lesson(STEP.replace('id = "go",', 'id = = "go",'), "lo", TEXTS) as folder:
        equal(run("tutorial", "lint", folder).out.count("\n"), 2)
    with own_lesson(STEP, "lo", TEXTS) as folder:
        os.remove(folder + "/01-own/zh.txt")
        equal(run("tutorial", "lint", folder).out,
              folder + "/01-own/zh.txt:1: No such file or directory\n1 lesson, 1 problem\n")


@test("tutorial test of a lesson that is not there fails")
def test_nothing():
    with own_lesson(STEP, "lo", TEXTS) as folder:
        got = run("tutorial", "test", folder, "nosuch")
        contains(got.out, 'there is no lesson "nosuch"')
        equal(got.status, 1)


@test("a solution that does not do its step, and a wrong turn that does, fail the test of the lesson")
def lesson_tests():
    for change, says in (
            (('solution = { "listen 7788" }', 'solution = { "state" }'), "its solution does not finish it"),
            (('wrong = {', 'wrong = { { "listen(7788)" }, '), "it is wrong, but finishes the step"),
            (('"listen 7789"', '"state"'), "near.other does not answer it")):
        with own_lesson(STEP.replace(*change), "lo", TEXTS) as folder:
            got = run("tutorial", "test", folder)
            contains(got.out, says)
            equal(got.status, 1)


def tested(body, needs="lo", *words):
    with own_lesson(body, needs, TEXTS) as folder:
        before = os.listdir(".")
        got = run("tutorial", "test", folder, *words)
        equal(os.listdir("."), before)
        return got


@test("a lesson that cannot be played says why: its setup fails, never ends or ends the program")
def unplayable():
    endless = "lesson.lua:1: step 1: it has not ended after 1 s"
    for setup, says in (("error('boom')", "lesson.lua:3: boom"),
                        ("net.nothing()", "lesson.lua:3: attempt to call a nil value"),
                        ("os.exit(0)", "lesson.lua:1: step 1: it ends the program"),
                        ("quit()", "lesson.lua:1: step 1: it ends the program"),
                        ("while true do end", endless), ("sleep(100)", endless)):
        got = tested("\tsetup = function(net) %s end,\n" % setup + STEP, "lo",
                     *["timeout=1"] if says == endless else [])
        equal(got.status, 1)
        contains(got.out, says)
        contains(got.out, "0 lessons ok, 1 failed")


@test("a setup that fails only when the stage is built anew says so")
def fails_later():
    got = tested("\tsetup = function() assert(not _G.twice, 'twice') rawset(_G, 'twice', true) end,\n" + STEP)
    contains(got.out, "step go: listen 7789: the stage cannot be built anew: ")
    contains(got.out, "anew: twice")


@test("a condition that fails is told with its place")
def condition_fails():
    got = tested(STEP.replace("listening = { port = 7788 }", "test = function(view) return view.nix.nix end"))
    contains(got.out, "step go: it cannot be checked: ")
    contains(got.out, "attempt to index a nil value (field 'nix')")


@test("what a lesson writes where it runs is gone afterwards")
def no_files():
    got = tested(STEP.replace('solution = { "listen 7788" }', 'solution = { "io.open([[x]], [[w]]):write(1)", "listen 7788" }'))
    equal(got.status, 0, got.out)


@test("states that only the wire has told of are met too")
def states_met():
    need_lab()
    got = run("tutorial", "test", TOP + "/scripts/tutorial", "handshake", timeout=100)
    contains(got.out, "SYN_SENT SYN_RCVD ESTABLISHED\n")


@test("at the prompt tutorial lint and tutorial test with problems leave the shell alive")
def prompt_lives():
    with own_lesson(STEP.replace('solution = { "listen 7788" }', 'solution = { "state" }'), "lo",
                    TEXTS + "@went away\n") as folder:
        with Learner() as sh:
            contains(sh.command("tutorial lint " + folder), "1 lesson, 2 problems")
            sh.prompt_is("tcpstep>")
            sh.send_line("tutorial test " + folder)
            sh.expect("0 lessons ok, 1 failed", timeout=100)
            sh.until(lambda: sh.screen.line() == "tcpstep>", "the shell's own prompt")
            contains(sh.command("listen 0"), "l1  LISTEN")


own_network()
main()
