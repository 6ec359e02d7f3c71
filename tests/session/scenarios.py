"""scenarios.py - every file of scripts/scenario passes; its README.md lists them all."""
import concurrent.futures
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import run
from tap import Skip, equal, main, test

TOP = os.environ.get("TOP") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
FOLDER = os.path.join(TOP, "scripts/scenario")
FILES = sorted(os.path.relpath(os.path.join(at, name), FOLDER)
               for at, _, names in os.walk(FOLDER) for name in names if name.endswith(".lua"))

# They mostly wait for the kernel's timers.
pool = concurrent.futures.ThreadPoolExecutor(4)


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
        return f.read()


def lab_missing():
    """Why no lab can be made here; empty when one can."""
    r = run("-e", "lab")
    return "" if r.status == 0 else r.err.split("\n")[0]


MISSING = lab_missing()
results = {name: pool.submit(run, os.path.join(FOLDER, name)) for name in FILES if not MISSING}


def scenario(name):
    @test("%s: %s" % (name, read(name).split("\n")[0].lstrip("- ")))
    def one():
        if MISSING:
            raise Skip(MISSING)
        r = results[name].result()
        equal((r.out, r.err, r.status), ("", "", 0))


for file in FILES:
    scenario(file)


@test("README.md lists each scenario once, with the claim that stands in it")
def listed():
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \| ([^|]*) \|", read("README.md"), re.M)
    equal([row[0] + ".lua" for row in rows], [row[1] for row in rows])
    equal(sorted(row[1] for row in rows), FILES)
    for _, name, claim in rows:
        equal(claim, read(name).split("\n")[0][3:], name)


@test("each scenario is 10 to 40 lines and begins with its claim")
def sized():
    for name in FILES:
        lines = read(name).rstrip("\n").split("\n")
        equal(9 <= len(lines) <= 40, True, "%s has %d lines" % (name, len(lines)))
        equal(lines[0].startswith("-- ") and re.search(r"\.( \(slow: [0-9.]+ s\))?$", lines[0]) is not None,
              True, name + ": " + lines[0])


@test("a scenario whose check fails ends with status 1, the line and the difference")
def fails():
    if MISSING:
        raise Skip(MISSING)
    with open("wrong.lua", "w") as f:
        f.write("local net = lab('client', 'server')\nlocal l = net.server:listen(80)\n"
                "check.state(l, 'CLOSED', 0.01)\n")
    r = run("wrong.lua")
    equal((r.status, r.err), (1, "error: wrong.lua:3: server.l1: expected CLOSED, got LISTEN\n"))


if __name__ == "__main__":
    main()
