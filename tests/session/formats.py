"""formats.py - what tcpstep test writes of scenarios: for people, TAP, JUnit, JSON; also when it is ended early."""
import json
import os
import re
import signal
import socket
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from scenario import SEVERAL, results, write
from shell import Pipe, run
from tap import contains, equal, lacks, main, test


@test("TAP has a plan, directives and what is known of a failure")
def tap_format():
    write("several.lua", SEVERAL)
    r = run("test", "--format", "tap", "several.lua")
    equal(r.status, 1)
    got = r.out.split("\n")
    equal([got[0], got[1], got[2]], ["TAP version 13", "ok 1 - several.lua: first: one is one",
                                     "not ok 2 - several.lua: the second's <wrong> & so on"])
    contains(r.out, "  ---\n")
    contains(r.out, '\n  line: 3\n')
    contains(r.out, "\nok 3 - several.lua: third is skipped # SKIP it rains\n1..3\n# Linux ")


# What junit-10.xsd, by which Jenkins checks such files, allows: attributes, those that must be there, elements.
JUNIT = {
    "testsuites": ("name time tests failures errors", "", "testsuite"),
    "testsuite": ("name tests failures errors group time skipped timestamp hostname id package file log url",
                  "name tests failures errors", "testsuite properties testcase system-out system-err"),
    "properties": ("", "", "property"),
    "property": ("name value", "name value", ""),
    "testcase": ("name time classname group", "name", "skipped error failure system-out system-err"),
    "skipped": ("type message", "", ""), "failure": ("type message", "", ""), "system-out": ("", "", ""),
}


def junit(raw):
    """The testsuite of a file that keeps to that schema, and whose counts are right."""
    root = ElementTree.fromstring(raw)
    for element in root.iter():
        allowed, needed, inside = (words.split() for words in JUNIT[element.tag])
        equal(sorted(set(element.keys()) - set(allowed)), [], element.tag)
        equal(sorted(set(needed) - set(element.keys())), [], element.tag)
        equal(sorted({child.tag for child in element} - set(inside)), [], element.tag)
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    equal([int(suite.get(n)) for n in ("tests", "failures", "errors", "skipped")],
          [len(cases)] + [sum(c.find(n) is not None for c in cases) for n in ("failure", "error", "skipped")])
    equal([root.get(n) for n in ("tests", "failures", "errors")], [suite.get(n) for n in ("tests", "failures", "errors")])
    return suite


@test("JUnit is well-formed XML, whatever a scenario prints, claims and raises")
def junit_format():
    write("several.lua", SEVERAL)
    write("bytes.lua", 'print("\\0\\27[1m ]]> & < \\xff \\xc2\\x9b")\ncheck(false, "\\1\\27 <\\xfe> ]]> &amp;")\n')
    r = run("test", "--format", "junit", "several.lua", "bytes.lua")
    suite = junit(r.raw)
    equal((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("4", "2", "1"))
    cases = suite.findall("testcase")
    equal([c.find("failure") is not None for c in cases], [False, True, False, True])
    contains(cases[1].find("failure").get("message"), "got 1, expected 2")
    contains(cases[2].find("skipped").get("message"), "it rains")
    contains(cases[3].find("system-out").text, "[1m ]]> & < \ufffd")
    lacks(r.out, "\x1b")


@test("JUnit says where and when it ran, names classes as CI servers do, and keeps the lines of a message")
def junit_names():
    write("s/sub/several.lua", SEVERAL.replace("it rains\\nall day", "it <rains>\\n\\tall day"))
    write("s/one.lua", "check(false, 'a\\nb')\n")
    suite = junit(run("test", "--format", "junit", "--shuffle", "3", "s").raw)
    equal({p.get("name"): p.get("value") for p in suite.iter("property")}["shuffle"], "3")
    equal(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")) is not None, True)
    equal(suite.get("hostname"), socket.gethostname())
    cases = {(c.get("classname"), c.get("name")): c for c in suite.iter("testcase")}
    equal(sorted(cases), [("s.one", "one.lua"), ("s.sub.several", "first: one is one"),
                          ("s.sub.several", "the second's <wrong> & so on"), ("s.sub.several", "third is skipped")])
    equal(cases["s.one", "one.lua"].find("failure").get("message"), "a\nb")
    equal(cases["s.sub.several", "third is skipped"].find("skipped").get("message"), "it <rains>\n\tall day")


@test("a run that Ctrl-C or SIGTERM ends is written whole in each format, with those that have not run")
def cut_short():
    write("s/a.lua", "check(true)\n")
    write("s/b.lua", "check(true)\nio.open('there', 'w'):close()\nwhile true do end\n")
    write("s/c.lua", "check(true)\n")
    for sig, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        out = {}
        for form in ("human", "tap", "junit", "json"):
            with Pipe("test", "-j", "1", "--format", form, "s") as p:
                end = time.monotonic() + 20
                while not os.path.exists("there") and time.monotonic() < end:
                    time.sleep(0.01)
                os.remove("there")
                p.process.send_signal(sig)
                r = p.finish()
            equal((r.status, r.err), (status, ""), form)
            out[form] = r
        contains(out["human"].out, "\n3 scenarios: 1 ok, 0 failed, 0 skipped, 2 not run   ")
        contains(out["human"].out, ", interrupted\n")
        contains(out["tap"].out, "ok 1 - s/a.lua\nok 2 - s/b.lua # SKIP not run\nok 3 - s/c.lua # SKIP not run\n"
                                 "Bail out! interrupted\n1..3\n")
        suite = junit(out["junit"].raw)
        equal([c.find("skipped").get("message") if c.find("skipped") is not None else "" for c in suite.iter("testcase")],
              ["", "not run", "not run"])
        equal([p.get("value") for p in suite.iter("property") if p.get("name") == "interrupted"], ["true"])
        events = out["json"].json()
        equal([e["verdict"] for e in events[:-1]], ["ok", "not run", "not run"])
        equal([events[-1][k] for k in ("scenarios", "ok", "not_run", "interrupted")], [3, 1, 2, True])


@test("with --until-fail those that come after the failure have not run, which is said")
def until_fail():
    write("s/a.lua", "check(false)\n")
    write("s/b.lua", "check(true)\n")
    contains(run("test", "-j1", "--until-fail", "s").out, "2 scenarios: 0 ok, 1 failed, 0 skipped, 1 not run   ")


@test("JSON is an object a line, and a summary")
def json_format():
    write("several.lua", SEVERAL)
    all_, summary = results("several.lua")
    equal([e["verdict"] for e in all_], ["ok", "failed", "skipped"])
    equal((all_[1]["failure"]["line"], all_[1]["test"]), (3, "the second's <wrong> & so on"))
    equal(all_[2]["reason"], "it rains\nall day")
    equal([summary[k] for k in ("scenarios", "ok", "failed", "skipped")], [3, 1, 1, 1])
    equal(json.loads(run("--json", "test", "several.lua").out.split("\n")[0])["verdict"], "ok")


@test("what a scenario prints is shown when it fails, its last lines, escaped; with -v always")
def printed():
    write("ok.lua", "print('quiet')\ncheck(true)\n")
    write("loud.lua", "for i = 1, 100 do print('line ' .. i) end\nio.stderr:write('\\27[2J!\\n')\nerror('x')\n")
    r = run("test", "ok.lua", "loud.lua")
    lacks(r.out, "quiet")
    contains(r.out, "line 100\n             \\x1b[2J!\n")
    contains(r.out, "(81 lines before them)")
    lacks(r.out, "line 81\n")
    contains(run("test", "-v", "ok.lua").out, "   1 check\n   printed   quiet\n")


@test("of a scenario that prints a lot the last of it is kept, and each line fits")
def prints_a_lot():
    write("loud.lua", "for i = 1, 20000 do print('line ' .. i .. ' ' .. ('x'):rep(i % 50)) end\n"
                      "io.write('你好'):write(('长'):rep(100), '\\n', 'the end')\ncheck(false)\n")
    r = run("test", "loud.lua")
    lines_ = r.out.split("\n")
    first = next(i for i, line in enumerate(lines_) if line.startswith("   printed"))
    shown = [line[13:] for line in lines_[first:first + 20]]
    equal(shown[-1], "the end")
    equal("".join(shown[-5:-1]), "你好" + "长" * 100)
    equal(shown[0].split(" x")[0], "line 19986")
    equal(re.search(r"\n {13}\(\d+ lines before them\)\n {13}\(\d+ bytes before these, not kept\)\n", r.out) is not None, True)
    all_, _ = results("loud.lua")
    equal(all_[0]["output"][-20:].split("\n")[-1], "the end")


@test("columns are those of the screen, also for names of wide characters")
def wide_names():
    for name in ("握手.lua", "close.lua", "a\tb.lua"):
        write("s/" + name, "check(true)\n")
    got = sorted(line.split("0.")[0] for line in run("test", "s").out.split("\n") if line.startswith("ok"))
    equal(got, ["ok    s/a\\tb.lua    ", "ok    s/close.lua   ", "ok    s/握手.lua    "])


if __name__ == "__main__":
    main()
