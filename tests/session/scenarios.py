"""scenarios.py - every file of scripts/scenario passes; its README.md lists them all."""
import functools
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from shell import run
from tap import Skip, equal, main, test

TOP = os.environ.get("TOP") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
FOLDER = os.path.join(TOP, "scripts/scenario")
FILES = sorted(os.path.relpath(os.path.join(at, name), FOLDER)
               for at, _, names in os.walk(FOLDER) for name in names if name.endswith(".lua"))


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
        return f.read()


@functools.lru_cache(None)
def results():
    """What `tcpstep test` says of each file. They mostly wait for the kernel's timers."""
    r = run("test", "-v", "-j", "4", "--format", "json", "--output", tempfile.gettempdir(), FOLDER,
            timeout=110)
    by_file = {}
    for e in r.json():
        if e["event"] == "scenario":
            by_file.setdefault(os.path.relpath(e["file"], FOLDER), []).append(e)
    return by_file


def scenario(name):
    @test("%s: %s" % (name, read(name).split("\n")[0].lstrip("- ")))
    def one():
        for got in results()[name]:
            if got["verdict"] == "skipped":
                raise Skip(got["reason"].split("\n")[0])
            equal((got["verdict"], got.get("failure"), got.get("output")), ("ok", None, None))


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
        equal(10 <= len(lines) <= 40, True, "%s has %d lines" % (name, len(lines)))
        equal(lines[0].startswith("-- ") and re.search(r"\.( \(slow: [0-9.]+ s\))?$", lines[0]) is not None,
              True, name + ": " + lines[0])


@test("a scenario run as a plain script ends with status 1, the line and the difference")
def fails():
    need_lab()
    with open("wrong.lua", "w") as f:
        f.write("local net = lab('client', 'server')\nlocal l = net.server:listen(80)\n"
                "check.state(l, 'CLOSED', 0.01)\n")
    r = run("wrong.lua")
    equal((r.status, r.err), (1, "error: wrong.lua:3: server.l1: expected CLOSED, got LISTEN\n"))


if __name__ == "__main__":
    main()
