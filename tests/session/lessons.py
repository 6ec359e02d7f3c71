"""lessons.py - all lessons inside the program: their texts are whole, their solutions work."""
import multiprocessing
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from network import own_network
from shell import TOP, run
from tap import Skip, contains, equal, main, test

LESSONS = os.path.join(TOP, "scripts/tutorial")
STATES = """CLOSED LISTEN SYN_SENT SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK
    TIME_WAIT""".split()


def names():
    return sorted(name.split("-", 1)[1] for name in os.listdir(LESSONS)
                  if os.path.exists("%s/%s/lesson.lua" % (LESSONS, name)))


def play(name, lang):
    # A lesson may write files where it runs.
    with tempfile.TemporaryDirectory(prefix="tcpstep-lesson-") as folder:
        return run("--lang", lang, "tutorial", "test", LESSONS, name, timeout=110, cwd=folder)


@test("no text is missing, too wide or without a step, in English and Chinese")
def lint():
    got = run("tutorial", "lint")
    equal(got.status, 0, got.out + got.err)
    equal(run("tutorial", "lint", LESSONS).out, got.out)


def lesson_test(name, results):
    @test("lesson %s: each solution finishes its step, nothing wrong does, in both languages" % name)
    def plays():
        for lang in ("en", "zh"):
            got = results[name, lang].get()
            equal(got.status, 0, lang + ":\n" + got.out + got.err)
            if got.out.startswith("skipped"):
                raise Skip(got.out.split("\n")[0])
            contains(got.out, "1 lesson ok, 0 failed, 0 skipped")


def states_test(results):
    @test("together the lessons lead through all 11 states")
    def all_states():
        rows = [results[name, "en"].get().out.split("\n") for name in names()]
        rows = [row.split() for lines in rows for row in lines if row.startswith(("ok ", "skipped"))]
        if any(row[0] == "skipped" for row in rows):
            raise Skip("there can be no lab here")
        equal(sorted({state for row in rows for state in row[4:]}), sorted(STATES))


@test("a played lesson leaves no progress behind")
def no_progress():
    home = os.path.abspath("home")
    os.mkdir(home)
    run("tutorial", "test", LESSONS, "shell", home=home)
    equal(os.path.exists(home + "/state/tcpstep/lessons"), False)


# They mostly wait; each player has a network of its own, for the ports that a lesson names. The later
# lessons take longer, and begin first.
with multiprocessing.Pool(8, own_network) as pool:
    played = {(name, lang): pool.apply_async(play, (name, lang))
              for name in reversed(names()) for lang in ("en", "zh")}
    for each in names():
        lesson_test(each, played)
    states_test(played)
    own_network()
    main()
