"""lessons.py - all lessons inside the program: their texts are whole, their solutions work."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from network import own_network
from shell import TOP, run
from tap import contains, equal, main, test


def plays(lang):
    got = run("--lang", lang, "tutorial", "test", timeout=110)
    equal(got.status, 0, got.out + got.err)
    contains(got.out, " 0 failed,")


@test("no text is missing, too wide or without a step, in English and Chinese")
def lint():
    got = run("tutorial", "lint")
    equal(got.status, 0, got.out + got.err)
    equal(run("tutorial", "lint", os.path.join(TOP, "scripts/tutorial")).out, got.out)


@test("each solution finishes its step and nothing wrong does, in English")
def english():
    plays("en")


@test("each solution finishes its step and nothing wrong does, in Chinese")
def chinese():
    plays("zh")


@test("a played lesson leaves no progress behind")
def no_progress():
    home = os.path.abspath("home")
    os.mkdir(home)
    run("tutorial", "test", os.path.join(TOP, "scripts/tutorial"), "shell", home=home)
    equal(os.path.exists(home + "/state/tcpstep/lessons"), False)


own_network()
main()
