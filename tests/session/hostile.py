"""hostile.py - scenarios that loop, crash, cheat and leave things behind: each is told, and gone."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from shell import TOP, run
from tap import contains, equal, main, test

FOLDER = os.path.join(TOP, "tests/hostile")
# How long those may run that would run for ever, and those that end by themselves.
LIMIT, PATIENCE = 1, 20

# file: (claim, line, part of the message, options)
CASES = {
    "loop": ("an endless loop", 3, "not done within", ()),
    "loop_pcall": ("a loop whose errors are swallowed", (4, 5, 6), "not done within", ()),
    "loop_coroutine": ("a loop in a coroutine of a coroutine", (6, 7, 8), "not done within", ()),
    "loop_coroutines": ("a loop through many coroutines", (3, 4), "not done within", ()),
    "loop_finalizer": ("a loop in a finalizer", (5, 6, 7), "not done within", ()),
    "loop_pattern": ("a pattern that never ends", 4, "not done within", ()),
    "loop_close": ("a loop in what <close> has promised", 7, "and so the guard runs", ()),
    "loop_hook": ("a loop that takes hooks away", (3, 4), "not done within", ()),
    "loop_end": ("a loop in a finalizer after the end", (3, 4, 5), "not done within", ()),
    "wait": ("a wait without end, in a coroutine", (4, 5), "not done within", ()),
    "output": ("printing without end", (4, 5), "not done within", ()),
    "memory": ("all memory", 5, "not enough memory", ("--memory", "30M")),
    "memory_pcall": ("all memory, errors swallowed", (5, 6, 7, 8), "", ("--memory", "30M")),
    "memory_once": ("all memory in one piece", 3, "too large", ()),
    "stack": ("a recursion without end", 3, "", ()),
    "stack_c": ("a recursion without end through C", 3, "stack overflow", ()),
    "descriptors": ("listening until there are no descriptors", 5, "EMFILE", ()),
    "raise_nil": ("error(nil)", 3, "without a value (nil)", ()),
    "raise_table": ("an error that is a table", 3, "", ()),
    "raise_tostring": ("an error whose __tostring raises", 3, "__tostring", ()),
    "raise_loop": ("an error whose __tostring never ends", 3, "not done within", ()),
    "close_twice": ("a socket closed twice", 6, "closed", ()),
    "escapes": ("escape sequences printed and raised", 3, "red", ()),
    "globals": ("all globals taken away", 4, "", ()),
    "no_check": ("check taken away", 4, "", ()),
    "fake_check": ("check replaced", 1, "checked nothing", ()),
    "nothing": ("nothing checked", 1, "checked nothing", ()),
    "exit": ("os.exit(0)", 3, "ended with status 0", ()),
    "exit_closed": ("os.exit in a coroutine", 4, "ended with status 0", ()),
    "quit": ("quit", 3, "ended with status 0", ()),
    "fake": ("printing a success", 12, "it has failed all the same", ()),
    "kill": ("killing itself", 3, "SIGKILL", ()),
    "stops": ("stopping itself", 3, "not done within", ()),
    "fork_fails": ("leaving processes behind, and failing", 3, "it fails", ()),
    "fork_ends": ("leaving processes behind, and being killed", 2, "SIGKILL", ()),
    "fork_waited": ("a pipe that is never closed", 2, "not done within", ()),
    "task": ("a failure in the background", 3, "got 1, expected 2", ()),
    "wire": ("a failure in what the wire asks", 5, "nothing", ()),
    "registry": ("the registry in pieces", 9, "", ()),
    "yield": ("yielding to nobody", 3, "outside a coroutine", ()),
    "skip": ("a skip that is swallowed", 3, "got 1, expected 2", ()),
}
NEED_LAB = ("wire",)


def left_behind():
    """Processes that a scenario has started and nobody has ended: those that sleep so long."""
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if f.read().split(b"\0")[:2] == [b"sleep", b"1007"] and \
                        os.readlink("/proc/%s/cwd" % pid) == os.getcwd():
                    found.append(pid)
        except OSError:
            pass
    return found


def hostile(name):
    claim, where, message, options = CASES[name]

    @test("%s: reported with file and line in time, its neighbour unharmed, nothing left" % claim)
    def one():
        if name in NEED_LAB:
            need_lab()
        with open("neighbour.lua", "w") as f:
            f.write("sleep(0.05)\ncheck(true)\n")
        file = os.path.join(FOLDER, name + ".lua")
        limit = LIMIT if "not done" in message or not message else PATIENCE
        command = 'ulimit -n 400; exec "$0" "$@"'
        r = subprocess.run(["sh", "-c", command, os.environ["TCPSTEP"], "test", "--format", "json", "-j2",
                            "--timeout", str(limit)] + list(options) + [file, "neighbour.lua"],
                           capture_output=True, timeout=60)
        events = [json.loads(line) for line in r.stdout.decode().split("\n") if line]
        equal(len(events), 3, (r.stdout, r.stderr))
        got, neighbour, _ = events
        equal((got["verdict"], neighbour["verdict"], r.returncode), ("failed", "ok", 1), r.stdout)
        failure = got["failure"]
        equal(failure["file"], file)
        equal(failure["line"] in (where if isinstance(where, tuple) else (where,)), True,
              "line %s of %s" % (failure["line"], where))
        contains(failure["message"], message)
        contains(failure["source"], "> %2d | " % failure["line"])
        equal(got["seconds"] < limit + 3, True, got["seconds"])
        equal(left_behind(), [])


for case in CASES:
    hostile(case)


@test("each file of tests/hostile is a case")
def all_cases():
    names = sorted(name[:-4] for name in os.listdir(FOLDER) if name.endswith(".lua"))
    equal(names, sorted(list(CASES) + ["fork"]))


@test("processes left behind, twice forked and in other sessions, are gone when the scenario has passed")
def forks():
    r = run("test", os.path.join(FOLDER, "fork.lua"))
    contains(r.out, "1 scenario: 1 ok")
    equal(left_behind(), [])


@test("the limit of the CPU's time holds too")
def cpu():
    with open("busy.lua", "w") as f:
        f.write("check(true)\nwhile true do end\n")
    r = run("test", "--cpu", "1", "busy.lua")
    contains(r.out, "1) busy.lua:2\n   it has used 1 s of the CPU\n")


@test("nothing acts on a terminal, in whatever format")
def escapes():
    file = os.path.join(FOLDER, "escapes.lua")
    for form in ("human", "tap", "junit", "json"):
        r = run("test", "-v", "--format", form, file)
        equal(r.status, 1)
        equal([b for b in r.raw if b < 32 and b != 10 or b == 127], [], form)
        equal([c for c in r.out if "\x80" <= c <= "\x9f" or c in "\u202a\u202b\u202c\u202d\u202e"], [], form)


if __name__ == "__main__":
    main()
