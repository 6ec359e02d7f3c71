"""lessons.py - all lessons inside the program: their texts are whole, their solutions work."""
import multiprocessing
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from network import own_network
from shell import TOP, run
from tap import Skip, contains, equal, main, test

LESSONS = os.path.join(TOP, "scripts/tutorial")


def names():
    return sorted(name.split("-", 1)[1] for name in os.listdir(LESSONS)
                  if os.path.exists("%s/%s/lesson.lua" % (LESSONS, name)))


def play(name, lang):
    return run("--lang", lang, "tutorial", "test", LESSONS, name, timeout=110)


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


@test("a played lesson leaves no progress behind")
def no_progress():
    home = os.path.abspath("home")
    os.mkdir(home)
    run("tutorial", "test", LESSONS, "shell", home=home)
    equal(os.path.exists(home + "/state/tcpstep/lessons"), False)


# They mostly wait; each player has a network of its own, for the ports that a lesson names.
with multiprocessing.Pool(4, own_network) as pool:
    played = {(name, lang): pool.apply_async(play, (name, lang))
              for name in names() for lang in ("en", "zh")}
    for each in names():
        lesson_test(each, played)
    own_network()
    main()
