"""runner.py - tcpstep test: what runs, what is said of it, and the exit status."""
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, alive, children, need_lab, state
from mask import free_port
from scenario import SEVERAL, results, write
from shell import TCPSTEP, TOP, Pipe, Shell, run
from tap import contains, equal, lacks, main, test

LAB = """local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
"""
# Session 3: the server leaves bytes unread, and closes.
CLEAN_CLOSE = LAB + """c:send("hello")
check.state(s, "ESTABLISHED")
s:close()                 -- the server is done
check.eof(c)              -- so the client should read end of stream
"""


def lines(r):
    """The lines of the verdicts, without times."""
    return [re.sub(r" +[0-9.]+ s\b.*", "", line) for line in r.out.split("\n")
            if re.match(r"(ok|FAIL|skip) ", line)]


# --- what a user gets ---

@test("a failure reads like session 3")
def session3():
    need_lab()
    write("scenarios/clean_close.lua", CLEAN_CLOSE)
    write("scenarios/handshake.lua", LAB + 'check.state(c, "ESTABLISHED")\n')
    r = run("test", "scenarios")
    equal(lines(r), ["FAIL  scenarios/clean_close.lua", "ok    scenarios/handshake.lua"])
    contains(r.out, "\n\n1) scenarios/clean_close.lua:8\n"
                    "   client.c1: expected end of stream, got ECONNRESET\n")
    contains(r.out, "   again     tcpstep test scenarios/clean_close.lua\n")
    last = r.out.rstrip("\n").split("\n")[-1]
    equal(re.sub(r"[0-9.]+ s   Linux \S+, tcpstep [0-9.]+", "TIME", last),
          "2 scenarios: 1 ok, 1 failed, 0 skipped   TIME")
    equal((r.status, r.err), (1, ""))


@test("without a name the folder scenarios is run; without that it is said what is missing")
def standard_folder():
    write("scenarios/a.lua", "check(true)")
    equal(lines(run("test")), ["ok    scenarios/a.lua"])
    os.rename("scenarios", "others")
    r = run("test")
    equal((r.status, r.out), (2, ""))
    contains(r.err, "There is no folder named scenarios here")


@test("a folder gives its Lua files and those below in order, but not those with _ or a dot")
def folders():
    for name in ("b.lua", "a/z.lua", "_helper.lua", ".hidden.lua", "_old/x.lua", "a/notes.txt",
                 "c.lua.bak"):
        write("s/" + name, "check(true)")
    equal(lines(run("test", "s/")), ["ok    s/a/z.lua", "ok    s/b.lua"])
    equal(lines(run("test", "s/_helper.lua", "s/a")), ["ok    s/_helper.lua", "ok    s/a/z.lua"])


@test("wrong arguments end with status 2 and a sentence, before anything runs")
def usage():
    write("a.lua", "io.open('ran', 'w')")
    for args, sentence in (
            (["--jobs", "x", "a.lua"], "jobs must be a whole number"),
            (["--jobs"], "a value is missing after --jobs"),
            (["--frobnicate", "a.lua"], "unknown option --frobnicate\n       tcpstep test --help lists them.\n"),
            (["--job=4", "a.lua"], "unknown option --job=4\n       Did you mean --jobs? tcpstep test --help lists them.\n"),
            (["--untill_fail", "a.lua"], "Did you mean --until-fail? tcpstep"),
            (["--json", "a.lua"], "unknown option --json\n       It stands before test: tcpstep --json test\n"),
            (["a.lua", "no-such.lua"], "no-such.lua: No such file"),
            (["-k", "nothing like that", "a.lua"], 'no scenario\'s name contains "nothing like that"'),
            (["--format", "html", "a.lua"], "format must be"),
            (["--stop", "a.lua"], "stop needs a terminal")):
        r = run("test", *args)
        equal((r.status, r.out), (2, ""), args)
        contains(r.err, sentence)
    equal(os.path.exists("ran"), False)
    equal(run("--scenario", "a.lua").status, 2)


@test("--help lists the options as a shell's command line has them, in columns, and the exit statuses")
def helped():
    for lang, exits in (("en", "130 Ctrl-C"), ("zh", "130 被 Ctrl-C")):
        r = run("--lang", lang, "test", "--help")
        equal((r.status, r.err), (0, ""))
        contains(r.out, "tcpstep test [DIR | FILE...] [--jobs=N] [--match=MATCH]\n")
        contains(r.out.replace("\n", " "), exits)
        options = re.findall(r"^  (path|--\S+)( +)", r.out, re.M)
        equal({len(option) + len(blanks) for option, blanks in options}, {13})
        equal([o for o, _ in options if "=" not in o], ["path", "--until-fail", "--stop", "--verbose", "--sandbox"])
    r = run("test", "--jobs", "0", "a.lua")
    contains(r.err, 'jobs must be a whole number from 1 to 256, not "0"\n       tcpstep test --help lists the options.\n')
    contains(run("test", "jobs=2").err, "From a shell an option has -- in front: --jobs=2")
    write("slow.lua", "sleep(10)")
    for given, again in (("0.000001", "0.000001"), ("20ms", "0.02")):
        contains(run("test", "--timeout", given, "slow.lua").out, "tcpstep test --timeout=%s slow.lua\n" % again)
    write("bad.lua", "check(false)")
    contains(run("test", "--timeout", "1000000", "bad.lua").out, "tcpstep test --timeout=1000000 bad.lua\n")


@test("all skipped is status 77, an empty file or one that does not load a failure")
def statuses():
    write("skip.lua", "skip('not today')")
    write("wrong.lua", "check(true)\nif then\n")
    write("empty.lua", "")
    r = run("test", "skip.lua")
    equal(r.status, 77)
    contains(r.out, "not today")
    r = run("test", "wrong.lua", "empty.lua")
    equal((r.status, lines(r)), (1, ["FAIL  wrong.lua", "FAIL  empty.lua"]))
    contains(r.out, "1) wrong.lua:2\n   unexpected symbol near 'then'\n")
    contains(r.out, "it checked nothing")


@test("where no lab can be made the scenario is skipped, and why is said")
def no_lab():
    write("lab.lua", 'setmetatable(_G, nil)\nlab("client", "server")\ncheck(true)\n')
    # A user namespace in which no other may be made.
    r = subprocess.run(["unshare", "-Ur", "sh", "-c",
                        "echo 0 >/proc/sys/user/max_net_namespaces && exec \"$0\" test lab.lua",
                        os.environ.get("TCPSTEP", "tcpstep")], capture_output=True, timeout=60)
    if b"unshare" in r.stderr:
        equal(True, True)
        return
    contains(r.stdout.decode(), "skip  lab.lua")
    contains(r.stdout.decode(), "network namespace")
    equal(r.returncode, 77)


@test("a lab that cannot be because of how it is asked for is a failure")
def wrong_lab():
    need_lab()
    write("lab.lua", 'check(true)\nlab("a", "b", {mtu = 600, ipv6 = true})\n')
    equal(lines(run("test", "lab.lua")), ["FAIL  lab.lua"])


@test("the tests in README.md pass")
def readme():
    need_lab()
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
        block = [b for b in re.findall(r"^```lua\n(.*?)^```$", f.read(), re.M | re.S) if "test(" in b]
    write("readme.lua", block[0])
    equal(lines(run("test", "readme.lua")), ["ok    readme.lua: close sends FIN",
                                             "skip  readme.lua: only where there is IPv6"])


@test("an error in a helper's file is told with its line there, and who called it")
def helper():
    write("helper.lua", "return function()\n  local x = nil\n  return x.y\nend\n")
    write("a.lua", "local h = dofile('helper.lua')\ncheck(true)\nh()\n")
    r = run("test", "a.lua")
    contains(r.out, "1) helper.lua:3\n   attempt to index a nil value (local 'x')\n")
    contains(r.out, "helper.lua:3: in local 'h'\n     a.lua:3: in main chunk\n")


@test("assert is a check, and one that fails is told with its line")
def asserts():
    write("a.lua", "assert(1 == 1)\n")
    write("b.lua", "assert(1 == 1)\nassert(1 == 2)\n")
    write("c.lua", "assert(false, 'my words')\n")
    r = run("test", "a.lua", "b.lua", "c.lua")
    equal(lines(r), ["ok    a.lua", "FAIL  b.lua", "FAIL  c.lua"])
    contains(r.out, "1) b.lua:2\n   assertion failed!\n")
    contains(r.out, "2) c.lua:1\n   my words\n")


@test("a record that takes too long leaves the line and the reason")
def long_record():
    # Whoever looks into the error comes back from its text only.
    write("slow.lua", "check(true)\n\n"
                      "error(setmetatable({}, {__tostring = function() return 'mine' end,\n"
                      "  __index = function() while true do end end}))\n")
    all_, _ = results("--timeout", "2", "slow.lua")
    failure = all_[0]["failure"]
    equal((failure["line"], failure["message"]), (3, "mine"))
    contains(failure["hint"], "The rest of its report took more than 5 s")


# --- several in a file ---

@test("each test of a file is a scenario of its own, in a process of its own")
def several():
    write("several.lua", "Count = (Count or 0) + 1\n" +
          "for i = 1, 3 do test('n' .. i, function() check.equal(Count, 1) Count = 7 end) end\n")
    r = run("test", "several.lua")
    equal(lines(r), ["ok    several.lua: n%d" % i for i in (1, 2, 3)])
    write("several.lua", SEVERAL)
    r = run("test", "several.lua")
    equal(lines(r), ["ok    several.lua: first: one is one",
                     "FAIL  several.lua: the second's <wrong> & so on",
                     "skip  several.lua: third is skipped"])
    contains(r.out, "tcpstep test several.lua -k 'several.lua: the second'\\''s <wrong> & so on'\n")


@test("how to run it again has the sandbox and the limits, and in a sandbox there is no prompt")
def again():
    write("a.lua", "check(false)\n")
    r = run("test", "a.lua", "--sandbox", "--timeout", "500ms", "--memory", "64M", "--cpu=2")
    contains(r.out, "   again     tcpstep test --timeout=0.5 --memory=64M --cpu=2 --sandbox a.lua\n")
    lacks(r.out, "debug")
    r = run("test", "a.lua", "--timeout", "off", "--memory=999000")
    contains(r.out, "   again     tcpstep test --timeout=off --memory=999000 a.lua\n"
                    "   debug     tcpstep test --memory=999000 --stop a.lua  (prompt at line 1)\n")


@test("how to run it again runs that one, whatever other names contain, in every format")
def again_one():
    write("close.lua", "for _, claim in ipairs { 'close', 'close twice', 'never' } do\n"
                       "  test(claim, function() check(claim ~= 'close', claim) end)\nend\n")
    write("sub/close.lua", "check(true)\n")
    r = run("test", "close.lua", "sub")
    command = re.search("again     tcpstep (.*)", r.out)[1]
    equal(command, "test close.lua -k 'close.lua: close'")
    equal(lines(run(*shlex.split(command))), ["FAIL  close.lua: close"])
    equal(lines(run("test", "-k", "close.lua: close twice", "close.lua", "sub")), ["ok    close.lua: close twice"])
    equal(lines(run("test", "-k", "sub/close.lua", "close.lua", "sub")), ["ok    sub/close.lua"])
    equal(len(lines(run("test", "-k", "close", "close.lua", "sub"))), 4)
    contains(run("test", "-k", "close.lua: clos", "close.lua").err, "no scenario's name")
    all_, _ = results("close.lua")
    equal(all_[0]["failure"]["again"], "tcpstep " + command)
    contains(run("test", "--format", "tap", "close.lua").out, "  again: \"tcpstep %s\"\n" % command)
    contains(run("test", "--format", "junit", "close.lua").out, "again     tcpstep test close.lua -k &apos;close.lua: ")


@test("a test inside a test is an error, and is not passed over")
def nested():
    write("nested.lua", "test('outer', function()\n  check(true)\n  test('inner', function() check(false) end)\nend)\n")
    write("late.lua", "spawn(function() sleep(0.01)\n  test('late', function() check(false) end) end)\ncheck(true)\n"
                      "sleep(0.05)\n")
    all_, _ = results("nested.lua", "late.lua")
    equal([e["verdict"] for e in all_], ["failed", "failed"])
    equal(all_[0]["failure"]["line"], 3)
    contains(all_[0]["failure"]["message"], "test: a test cannot hold another one")


@test("a file with tests that is run as a plain script is told how to run")
def plain_script():
    write("several.lua", SEVERAL)
    r = run("several.lua")
    equal((r.status, r.out), (1, ""))
    contains(r.err, "several.lua:2: test: this is a test of a scenario: run it with tcpstep test FILE")


@test("a scenario that only expects segments has checked something")
def expects():
    need_lab()
    write("expect.lua", LAB + 'expect("S.")\n')
    all_, _ = results("expect.lua")
    equal((all_[0]["verdict"], all_[0]["checks"]), ("ok", 1))


@test("-k takes files by name or claim, and tests by theirs")
def matching():
    write("several.lua", SEVERAL)
    write("other.lua", "-- The claim of the other.\ncheck(true)\n")
    equal(lines(run("test", "-k", "first", "several.lua", "other.lua")),
          ["ok    several.lua: first: one is one"])
    equal(lines(run("test", "-kclaim of", "several.lua", "other.lua")), ["ok    other.lua"])
    equal(len(lines(run("test", "-k", "several", "several.lua", "other.lua"))), 3)


@test("tests that are not there the second time are a failure that says so")
def tests_differ():
    write("differ.lua", "local f = io.open('seen')\nif f then return end\nio.open('seen', 'w'):close()\n"
                        "test('here now', function() check(true) end)\n")
    r = run("test", "differ.lua")
    equal(r.status, 1)
    contains(r.out, 'the file has no test "here now" this time')


@test("tests that are named in another order each time are found by their claims")
def tests_reordered():
    write("pairs.lua", """local f = io.open("count", "a")
f:write("x")
f:close()
local names, turned = { "one", "two", "bad", "same", "same", "nul \\0 one", "nul \\0 two" }, {}
local is_odd = #io.open("count"):read("a") % 2 == 1
for i, name in ipairs(names) do
  turned[is_odd and i or #names + 1 - i] = name
end
for _, name in ipairs(turned) do
  test(name, function() print(name) check(name ~= "bad" and name ~= "nul \\0 two", name) end)
end
""")
    for jobs in "1", "2":
        all_, _ = results("-v", "-j", jobs, "pairs.lua")
        got = {e["test"]: e["verdict"] for e in all_}
        equal(got, {"one": "ok", "two": "ok", "bad": "failed", "same": "ok", "nul \\0 one": "ok",
                    "nul \\0 two": "failed"})
        equal(len(all_), 7)
        equal([e["output"].rstrip("\n").replace("\0", "\\0") for e in all_], [e["test"] for e in all_])


# --- how often, in which order, how many at a time ---

@test("-j 8 gives the same verdicts in the same order as -j 1")
def order():
    for i in range(30):
        write("s/t%02d.lua" % i, "sleep(%f)\ncheck.equal(%d %% 7, 0)\n" % (0.002 * (i * 5 % 7), i))
    one, eight = run("test", "-j", "1", "s"), run("test", "-j8", "s")
    equal(lines(eight), lines(one))
    equal(len([line for line in lines(one) if line.startswith("ok")]), 5)


@test("--shuffle runs them in another order, the same for the same seed")
def shuffled():
    for i in range(20):
        write("s/t%02d.lua" % i, "check(true)")
    plain = lines(run("test", "s"))
    first, again = run("test", "--shuffle", "7", "s"), run("test", "--shuffle=7", "s")
    equal(lines(first), lines(again))
    equal(sorted(lines(first)), plain)
    equal(lines(first) == plain, False)
    contains(first.out, "shuffle 7")
    write("tests.lua", "for i = 10, 29 do test('n' .. i, function() check(true) end) end\n")
    plain, first, again = (lines(run("test", *args, "tests.lua")) for args in ((), ("--shuffle=7",), ("--shuffle=7",)))
    equal(first, again)
    equal(sorted(first), plain)
    equal(first == plain, False)


@test("--repeat counts the runs that failed; --until-fail goes on to the first of them")
def repeated():
    count = "local f = io.open('count', 'a')\nf:write('x') f:close()\n" \
            "local n = #io.open('count'):read('a')\n"
    write("third.lua", count + "check(n %% 3 ~= 0, 'run ' .. n)\n".replace("%%", "%"))
    r = run("test", "-j1", "--repeat", "9", "third.lua")
    equal(r.status, 1)
    contains(r.out, "3 of 9 runs")
    contains(r.out, "run 3\n")
    contains(r.out, "1 scenario, 9 runs: 0 ok, 1 failed")
    os.remove("count")
    r = run("test", "-j1", "--until-fail", "third.lua")
    contains(r.out, "1 of 3 runs")
    equal(r.status, 1)
    os.remove("count")
    equal(run("test", "-j1", "--until-fail", "--repeat", "2", "third.lua").status, 0)


AT_A_TIME = """local own, want = %d, %d
local function there(name) local f = io.open(name) if f then f:close() return true end end
io.open("running" .. own, "w"):close()
local most = 0
check.within(20, function()
  local n = 0
  for i = 0, 5 do n = n + (there("running" .. i) and 1 or 0) end
  most = math.max(most, n)
  return n >= want or there("seen")
end)
io.open("seen", "w"):close()
os.remove("running" .. own)
print(most)
"""


@test("jobs at a time are as many as asked for")
def parallel():
    for jobs in (1, 3):
        for i in range(6):
            write("s/t%d.lua" % i, AT_A_TIME % (i, jobs))
        all_, _ = results("-v", "-j", str(jobs), "s")
        equal([e["verdict"] for e in all_], ["ok"] * 6)
        equal(max(int(e["output"]) for e in all_), jobs)
        os.remove("seen")


@test("scenarios that want the same port of this machine do not fail of each other")
def same_port():
    port = free_port()
    script = "local l = listen(%d)\nlocal c = connect(%d)\nlocal s = l:accept()\nsleep(0.15)\nc:close()\n" \
             "check.eof(s)\nif arg[0]:find('bad') then check(false, 'mine') end\n" % (port, port)
    for name in ("a", "b", "bad"):
        write("s/%s.lua" % name, script)
    all_, summary = results("-j", "3", "--repeat", "3", "s")
    equal([(e["verdict"], e["runs"], e["failures"]) for e in all_], [("ok", 3, 0), ("ok", 3, 0), ("failed", 3, 3)])
    equal(all_[2]["failure"]["message"], "mine")
    r = run("test", "-j", "4", "--until-fail", "s")
    contains(r.out, "FAIL  s/bad.lua")
    lacks(r.out, "FAIL  s/a.lua")
    with socket.create_server(("", port)):
        all_, _ = results("-j", "3", "s/a.lua", "s/b.lua")
        equal([e["failure"]["code"] for e in all_], ["EADDRINUSE", "EADDRINUSE"])
        equal([e["runs"] for e in all_], [1, 1])


# --- at a terminal ---

@test("a progress line is drawn at a terminal, and taken away")
def progress():
    write("s/a.lua", "sleep(0.3) check(true)")
    with LabShell("test", "-j", "1", "s", wait=False) as sh:
        sh.expect(r"1 running, 0 ok, 0 failed")
        equal(sh.wait(), 0)
        contains(sh.text(), "ok    s/a.lua")
        lacks(sh.text(), "running")
    lacks(run("test", "s").out, "running")


@test("Ctrl-C ends the run with status 130 and what is known, and nothing is left")
def interrupted():
    write("s/a.lua", "check(true)")
    write("s/b.lua", "os.execute('setsid sleep 1009 &')\ncheck(true)\nio.open('there', 'w')\nwhile true do end\n")
    with LabShell("test", "-j", "1", "s", wait=False) as sh:
        sh.until(lambda: os.path.exists("there"), "the second scenario")
        pids = [p for top in children(sh.process.pid) for p in [top] + children(top)]
        sh.key("ctrl-c")
        equal(sh.wait(), 130)
        contains(sh.text(), "interrupted")
        contains(sh.text(), "ok    s/a.lua")
        equal(len(pids) > 0, True)
        equal([p for p in pids if alive(p)], [])


@test("--stop gives a prompt at the failing line, the script's variables in it")
def stopped():
    need_lab()
    write("scenarios/clean_close.lua", CLEAN_CLOSE)
    with LabShell("test", "--stop", "scenarios", wait=False, rows=50) as sh:
        sh.prompt()
        contains(sh.text(), "scenarios/clean_close.lua:8")
        contains(sh.command("c"), "client.c1 CLOSED")
        contains(sh.command("l:state()"), '"LISTEN"')
        contains(sh.command("ladder"), "RST,ACK")
        equal(sh.quit(), 1)
        contains(sh.text(), "1 scenario: 0 ok, 1 failed")


@test("--stop: at its prompt an error is told as at any other")
def stopped_errors():
    need_lab()
    write("bad.lua", LAB + "check(false)\n")
    with LabShell("test", "--stop", "bad.lua", wait=False, rows=50) as sh:
        sh.prompt()
        contains(sh.command("error('mine')"), "error: line:1: mine")
        contains(sh.command("x = = 3"), "error: line:1: unexpected symbol near '='")
        contains(sh.command("check.equal(1, 2)"), "error: got 1, expected 2")
        sh.command("s:abort()")
        contains(sh.command('send c "x"'), "error: send client.c1, after 0 bytes: ")
        equal(sh.quit(), 1)


@test("a failure's report is as narrow as the terminal, down to 60 columns")
def narrow():
    need_lab()
    write("clean_close.lua", CLEAN_CLOSE)
    for args in ((), ("--stop",)):
        with LabShell("test", *args, "clean_close.lua", wait=False, cols=60, rows=60) as sh:
            sh.expect("kept      clean_close.pcapng")
            for want in (r"^client 10.77.0.1:\d+ +server 10.77.0.2:80$", r"^CLOSED .* RST,ACK .* CLOSED   line 7$",
                         r"^             \|<-+ #5 ACK a=6 --\|$",
                         r"^   why       server.s1 was closed with 5 unread bytes\n             \(\"hello\"\). TCP"):
                sh.expect(want)
            if not args:
                sh.expect(r"^1 scenario: 0 ok, 1 failed, 0 skipped   [0-9.]+ s\nLinux \S+, tcpstep [0-9.]+$")


@test("--stop: Ctrl-Z at its prompt, and fg brings that back")
def stopped_twice():
    write("bad.lua", "local found = 42\ncheck(false)\n")
    with Shell(program=["bash", "--norc", "-i"], wait=False, env={"PS1": "$ "}) as sh:
        sh.until(lambda: sh.screen.line() == "$", "bash")
        for name in "test --stop bad.lua", "-i -e 'test bad.lua stop=yes'":
            sh.send_line("%s %s" % (TCPSTEP, name))
            sh.expect(r"prompt at line 2|help: commands")
            sh.until(lambda: sh.screen.line() == "tcpstep>", "the prompt")
            for _ in range(2):
                sh.key("ctrl-z")
                sh.until(lambda: sh.screen.line() == "$", "bash")
                sh.send_line("fg")
                sh.until(lambda: sh.screen.line() == "tcpstep>", "the prompt again")
                sh.send_line("found")
                sh.expect("^42$")
                sh.until(lambda: sh.screen.line() == "tcpstep>", "the prompt after it")
            sh.mark = sh.screen.row
            sh.key("ctrl-d")
            sh.until(lambda: sh.screen.row > sh.mark and sh.screen.line() in ("$", "tcpstep>"), "its end")
            if sh.screen.line() != "$":
                sh.key("ctrl-d")
                sh.until(lambda: sh.screen.line() == "$", "bash at last")


@test("--stop: Ctrl-C stops a loop where it is, and ends nothing else")
def stopped_loop():
    write("loop.lua", "local found = 42\nio.open('there', 'w'):close()\nwhile true do end\n")
    with LabShell("test", "--stop", "loop.lua", wait=False) as sh:
        sh.until(lambda: os.path.exists("there"), "the loop")
        sh.key("ctrl-c")
        sh.prompt()
        contains(sh.text(), "loop.lua:3")
        equal(sh.command("found"), "42")
        equal(sh.quit(), 1)


@test("test at the prompt runs the same, in a process of its own")
def at_prompt():
    write("several.lua", SEVERAL)
    with LabShell(rows=60) as sh:
        sh.command("x = 7")
        out = sh.command("test several.lua")
        contains(out, "ok    several.lua: first: one is one")
        contains(out, "error: test: not all scenarios are ok")
        contains(sh.command("test several.lua match=first verbose=yes jobs=1"), "   1 check\n")
        equal(sh.command("x"), "7")
        sh.quit()
    r = run("-e", "test several.lua format=tap")
    equal(r.status, 1)
    contains(r.out, "not ok 2")
    equal(run("-e", "test('several.lua', {match = 'first'})").status, 0)


def family(pid):
    """All that the process has started, and what these have."""
    return [p for child in children(pid) for p in [child] + family(child)]


@test("a runner that is killed takes along its scenarios, stopped ones too, their labs and all that they have started")
def killed():
    need_lab()
    forks = "os.execute('setsid sleep 1008 & sleep 1008 & nohup sh -c \"sleep 1008; true\" >/dev/null 2>&1 &')\n"
    write("loop.lua", LAB + forks + "io.open('there', 'w'):close()\nwhile true do end\n")
    write("stopped.lua", LAB + forks + "io.open('there too', 'w'):close()\nos.execute('kill -STOP $PPID')\n")
    with Pipe("test", "-j", "2", "loop.lua", "stopped.lua") as p:
        end = time.monotonic() + 20

        def stopped():
            return [pid for pid in children(p.process.pid) if state(pid) == "T"]

        def started():
            return os.path.exists("there") and stopped() and len(family(p.process.pid)) >= 12

        while not started() and time.monotonic() < end:
            time.sleep(0.01)
        pids = family(p.process.pid)
        equal((len(children(p.process.pid)), len(stopped()), len(pids) >= 12), (2, 1, True), pids)
        p.process.send_signal(signal.SIGKILL)
        while any(alive(pid) for pid in pids) and time.monotonic() < end:
            time.sleep(0.01)
        equal([pid for pid in pids if alive(pid)], [])


if __name__ == "__main__":
    main()
