"""sandbox.py - scripts of strangers: each way out is refused with a sentence and its place; labs work."""
import ctypes
import os
import re
import resource
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from shell import TCPSTEP, TOP, environment, run
from tap import Skip, contains, equal, lacks, main, test

# What the folder holds: a module, an own file, links to outside, and what calls itself a C module.
FILES = {"mod.lua": "return 7\n", "data.txt": "own text\n", "c.so": "\x7fELF", "bytes.lua": "\x1bLua"}

ONLY = ": the sandbox allows files in FOLDER only"
READS = ": the sandbox lets a script read files only; save keeps captures"
INSIDE = ": the sandbox shows nothing of the program's inside"
NET = ": the sandbox has no network but the lab's"
PROCESSES = ": the sandbox starts no processes"
CAPTURES = ": the sandbox allows captures (*.pcapng) in FOLDER only"
TEXT = "attempt to load a binary chunk (mode is 't')"

# claim: (line of Lua, what is said)
CASES = {
    "io.open outside": ('io.open("/etc/passwd")', "open /etc/passwd" + ONLY),
    "dots": ('io.open("box/../secret.txt")', "open box/../secret.txt" + ONLY),
    "a link in the folder": ('io.open("box/link.txt")', "open box/link.txt" + ONLY),
    "a linked folder": ('io.open("box/up/secret.txt")', "open box/up/secret.txt" + ONLY),
    "/proc/self/root": ('io.open("/proc/self/root/etc/passwd")', "open /proc/self/root/etc/passwd" + ONLY),
    "/proc/self/environ": ('io.open("/proc/self/environ")', "open /proc/self/environ" + ONLY),
    "/dev/fd": ('io.open("/dev/fd/0")', "open /dev/fd/0" + ONLY),
    "io.lines": ('io.lines("/etc/passwd")', "open /etc/passwd" + ONLY),
    "io.input": ('io.input("/etc/passwd")', "open /etc/passwd" + ONLY),
    "dofile": ('dofile("/etc/passwd")', "open /etc/passwd" + ONLY),
    "loadfile": ('loadfile("/etc/passwd")', "open /etc/passwd" + ONLY),
    "package.path": ('package.path = "/etc/?"; require "passwd"', "no file '/etc/passwd' that the sandbox allows"),
    "package.searchpath": ('package.searchpath("passwd", "/etc/?")', "package.searchpath: the sandbox looks for no files"),
    "send file=": ('send(c, {file = "/etc/passwd"})', "send: open /etc/passwd" + ONLY),
    "send file= by a link": ('send(c, {file = "box/link.txt"})', "send: open box/link.txt" + ONLY),
    "load": ('lab "off"; here:load("/etc/passwd")', "load: open /etc/passwd" + ONLY),
    "recv file=": ('recv(s, {file = "box/new.lua"})', "write box/new.lua" + CAPTURES),
    "recv file= outside": ('recv(s, {file = "new.pcapng"})', "write new.pcapng" + CAPTURES),
    "save outside": ('save("new.pcapng")', "write new.pcapng" + CAPTURES),
    "save by a link": ('save("box/up/new.pcapng")', "write box/up/new.pcapng" + CAPTURES),
    "save of no capture": ('save("box/new.txt")', "write box/new.txt" + CAPTURES),
    "io.open to write": ('io.open("box/new.txt", "w")', "write box/new.txt" + READS),
    "io.open to change": ('io.open("box/data.txt", "r+")', "write box/data.txt" + READS),
    "io.output": ('io.output("box/new.txt")', "write box/new.txt" + READS),
    "io.tmpfile": ("io.tmpfile()", "io.tmpfile" + READS),
    "os.remove": ('os.remove("box/data.txt")', "os.remove" + READS),
    "os.rename": ('os.rename("box/data.txt", "box/x")', "os.rename" + READS),
    "os.tmpname": ("os.tmpname()", "os.tmpname" + READS),
    "os.execute": ('os.execute("true")', "os.execute" + PROCESSES),
    "io.popen": ('io.popen("true")', "io.popen" + PROCESSES),
    "test": ('test "box"', "test" + PROCESSES),
    "os.getenv": ('os.getenv("HOME")', "os.getenv: the sandbox shows no environment"),
    "bytecode by load": ('assert(load("\\27Lua"))', TEXT),
    "bytecode by load that asks for it": ('assert(load("\\27Lua", "x", "b"))', TEXT),
    "bytecode by loadfile": ('assert(loadfile("box/bytes.lua", "b"))', TEXT),
    "bytecode by dofile": ('dofile("box/bytes.lua")', TEXT),
    "bytecode by require": ('package.path = "box/?.lua"; require "bytes"', TEXT),
    "string.dump": ("string.dump(function() end)", "string.dump: the sandbox makes no bytecode"),
    "package.loadlib": ('package.loadlib("box/c.so", "f")', "package.loadlib: the sandbox loads no C modules"),
    "require of a .so": ('package.cpath = "box/?.so"; require "c"', "module 'c' not found"),
    "debug.getregistry": ("debug.getregistry()", "debug.getregistry" + INSIDE),
    "debug.getupvalue": ("debug.getupvalue(io.open, 1)", "debug.getupvalue" + INSIDE),
    "debug.setmetatable": ("debug.setmetatable(1, {})", "debug.setmetatable" + INSIDE),
    "debug.getlocal": ("debug.getlocal(1, 1)", "debug.getlocal" + INSIDE),
    "debug.sethook": ("debug.sethook()", "debug.sethook" + INSIDE),
    "debug.getinfo": ("assert(debug.getinfo(1).func)", "assertion failed!"),
    "the modules' own functions": ('require("tcpstep.failure").source("/etc/passwd", 1)', "open /etc/passwd" + ONLY),
    "whether a file is there": ('require("tcpstep.failure").source("/etc/none", 1)', "open /etc/none" + ONLY),
    "a module of the program's": ('require "tcpstep.plan"', "module 'tcpstep.plan' not found"),
    "a lesson": ('tutorial("list")', "tutorial: the sandbox has no prompt"),
    "a session": ('history("save", "box/x.lua")', "history: the sandbox has no prompt"),
    "connect to this machine": ('here:connect("127.0.0.1:9")', "connect 127.0.0.1:9" + NET),
    "connect to a name": ('here:connect("localhost:9")', "connect localhost:9" + NET),
    "listen on this machine": ("here:listen(9)", "listen 9" + NET),
    "this machine's sockets": ("here:state({all = true})", "ask here about its sockets" + NET),
    "a name in the lab": ('c2 = net.client:connect("localhost:9")', 'the lab has no host "localhost"'),
    "an error that is swallowed": ('pcall(os.execute, "true"); os.getenv("X")', "os.getenv: the sandbox shows"),
    "in a coroutine": ('coroutine.wrap(function() io.open("/etc/passwd") end)()', "open /etc/passwd" + ONLY),
    "a whole GiB of output": ('for _ = 1, 1024 do print(("x"):rep(1 << 20)) end',
                              "print: the sandbox allows 16 MiB of output in all"),
    "output by io.write": ('for _ = 1, 1024 do io.stderr:write(("x"):rep(1 << 20)) end',
                           "write: the sandbox allows 16 MiB of output in all"),
    "all memory": ('t = {}; for i = 1, 1e9 do t[i] = ("x"):rep(1 << 20) .. i end', "not enough memory"),
}

LAB = """local net = lab("client", "server")
local l = net.server:listen(80)
local c = net.client:connect("server:80")
local s = l:accept()
"""

AUDIT = {"x86_64": (444, 317), "aarch64": (444, 277), "riscv64": (444, 277)}


def old_kernel():
    """From now on Landlock and seccomp(2) are not there: ENOSYS."""
    landlock, seccomp = AUDIT[os.uname().machine]
    code = [(0x20, 0, 0, 0), (0x15, 1, 0, landlock), (0x15, 0, 1, seccomp), (0x06, 0, 0, 0x50026),
            (0x06, 0, 0, 0x7fff0000)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
    prog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, prog):
        raise OSError(ctypes.get_errno(), "seccomp")


def box():
    os.mkdir("box")
    for name, text in FILES.items():
        with open("box/" + name, "w") as f:
            f.write(text)
    with open("secret.txt", "w") as f:
        f.write("secret\n")
    os.symlink("../secret.txt", "box/link.txt")
    os.symlink("..", "box/up")


def write(text, name="box/s.lua"):
    with open(name, "w") as f:
        f.write(text)


def sandboxed(*args, before=None):
    with tempfile.TemporaryDirectory() as home:
        r = subprocess.run([TCPSTEP] + list(args), capture_output=True, timeout=60, preexec_fn=before,
                           env=environment(home, "dumb", "C.UTF-8", None))
    return r.returncode, r.stdout.decode(errors="replace"), r.stderr.decode(errors="replace")


def nothing_happened(said):
    lacks(said, "secret\n")
    lacks(said, "root:")
    equal(sorted(os.listdir(".")), ["box", "secret.txt"])
    equal(sorted(os.listdir("box")), sorted(list(FILES) + ["link.txt", "s.lua", "up"]))


def hostile(claim):
    line, want = CASES[claim]

    @test("%s: refused with a sentence and its place" % claim)
    def one():
        need_lab()
        box()
        write(LAB + line + "\n")
        status, out, err = sandboxed("--sandbox", "box/s.lua")
        equal(status, 1, err[-2000:])
        contains(err[-4000:], want.replace("FOLDER", os.path.realpath("box")))
        if TEXT != want or "load(" in line:
            contains(err[-4000:], "box/s.lua:5")
        nothing_happened(out[:4000] + err[-4000:])


for case in CASES:
    hostile(case)


@test("on a kernel without Landlock and seccomp all of them are refused by Lua's layer alone")
def alone():
    if os.uname().machine not in AUDIT:
        raise Skip("no filter for this processor")
    need_lab()
    box()
    # What uses up a limit, or ends the lab, is for a process of its own.
    cases = {claim: case for claim, case in CASES.items()
             if not re.search("memory|output", case[1]) and "lab" not in case[0]}
    script = LAB.replace("local ", "")
    for number, (line, _) in enumerate(cases.values()):
        script += "print(%d, pcall(function() %s end))\n" % (number, line)
    write(script)
    status, out, err = sandboxed("--sandbox", "box/s.lua", before=old_kernel)
    equal(status, 0, err)
    answers = re.split(r"^\d+\t", out, flags=re.M)[1:]
    equal(len(answers), len(cases), out)
    for answer, (claim, (_, want)) in zip(answers, cases.items()):
        contains(claim + ": " + answer, claim + ": false\t")
        contains(answer, want.replace("FOLDER", os.path.realpath("box")))
    nothing_happened(out)


@test("what may be done is done: files and modules of the folder, a lab, a capture")
def allowed():
    need_lab()
    box()
    write(LAB + """assert(io.open("box/data.txt"):read("a") == "own text\\n")
for line in io.lines("box/data.txt") do print(line) end
print(require "mod", dofile("box/mod.lua"), loadfile("box/mod.lua")(), load("return 5")(), ...)
c:send({file = "box/data.txt"})
print(s:recv("line"))
c:close() s:close()
save("box/x.pcapng")
lab "off"
lab()
server:listen(80)
local k = client:connect("server:80")
continue("until", "filter", "tcp[tcpflags] & tcp-fin != 0")
k:close()
check.held({flags = "FIN,ACK"})
print(debug.traceback("here"), os.time() > 0, os.date("%Y") > "2000")
""")
    status, out, err = sandboxed("--sandbox", "box/s.lua", "one")
    equal((status, err), (0, ""), out)
    contains(out, "own text\n7\t7\t7\t5\tone\nown text\n\nhere\nstack traceback:")
    equal(os.path.getsize("box/x.pcapng") > 500, True)


@test("save and recv with force replace only what the script has saved itself")
def replaced():
    need_lab()
    box()
    for name in "old", "other":
        write("mine\n", "box/%s.pcapng" % name)
    write(LAB + """check(true)
save("box/new.pcapng")
save("box/new.pcapng", {force = true})
c:send("x")
c:shutdown()
s:recv{file = "box/new.pcapng", force = true}
local _, err = try(s.recv, s, {file = "box/other.pcapng", force = true, timeout = 0.1})
print(err.message)
save("box/old.pcapng", {force = true})
""")
    for args in ("--sandbox", "box/s.lua"), ("test", "--format", "json", "--sandbox", "--output", "box", "box/s.lua"):
        status, out, err = sandboxed(*args)
        equal(status, 1)
        for name in "old", "other":
            contains(out + err, "write box/%s.pcapng: the sandbox replaces only what the script itself has saved" % name)
            with open("box/%s.pcapng" % name) as f:
                equal(f.read(), "mine\n")
        os.remove("box/new.pcapng")


@test("captures stand directly in the output folder; that of a failure is replaced by the next one")
def directly():
    need_lab()
    box()
    os.makedirs("out/below")
    write(LAB + "check(true)\nsave('out/below/x.pcapng')\n")
    for _ in range(2):
        r = run("test", "--sandbox", "--output", "out", "box/s.lua")
        contains(r.out, "write out/below/x.pcapng: the sandbox allows captures (*.pcapng) in")
        contains(r.out, "kept      out/s.pcapng\n")
    equal(sorted(os.listdir("out")), ["below", "s.pcapng"])
    equal(os.listdir("out/below"), [])


@test("a loop is ended at the limit of the CPU's time, with its line")
def cpu():
    write("check(true)\nwhile true do pcall(error) end\n", "busy.lua")
    # The limit that is there already counts when it is lower.
    status, _, err = sandboxed("--sandbox", "busy.lua",
                               before=lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 60)))
    equal((status, err), (1, "error: busy.lua:2: the sandbox allows 1 s of the CPU\n"))


@test("without a lower one the limit of the CPU's time is 60 s, and that of memory 512 MiB of addresses")
def limits():
    write('print("in")\nio.stdout:flush()\nio.stdin:read(1)\n', "s.lua")
    with subprocess.Popen([TCPSTEP, "--sandbox", "s.lua"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        equal(p.stdout.readline(), b"in\n")
        with open("/proc/%d/limits" % p.pid) as f:
            now = re.sub(" +", " ", f.read())
        p.stdin.close()
    contains(now, "Max cpu time 60 62 ")
    with open(TCPSTEP, "rb") as f:
        if b"__asan_init" not in f.read():
            contains(now, "Max address space 536870912 536870912 ")


@test("a kernel without Landlock and seccomp is told, once, and so does the doctor")
def told():
    if os.uname().machine not in AUDIT:
        raise Skip("no filter for this processor")
    write("check(true)\n", "s.lua")
    for args in (("--sandbox", "s.lua"), ("test", "--sandbox", "--repeat", "3", "s.lua")):
        status, _, err = sandboxed(*args, before=old_kernel)
        equal(status, 0)
        equal(err.count("This kernel has no Landlock"), 1, err)
        equal(err.count("no seccomp filters"), 1, err)
    contains(sandboxed("doctor", before=old_kernel)[1], "no   Landlock: ")


@test("test --sandbox: each way out is a failure with file and line, a good neighbour is ok")
def runner():
    need_lab()
    box()
    write(LAB + 'check(true)\nio.open("/etc/passwd")\n')
    write(LAB + 'c:send("x")\ncheck.equal(s:recv(), "x")\n', "box/good.lua")
    write('check(true)\nload("error(1)", "@/etc/passwd")()\n', "box/spy.lua")
    write('check(true)\nos.exit(0)\n', "box/exit.lua")
    os.mkdir("out")
    r = run("test", "--sandbox", "--format", "json", "--output", "out", "box/s.lua", "box/good.lua", "box/spy.lua",
            "box/exit.lua")
    events = {e["file"]: e for e in r.json() if e["event"] == "scenario"}
    equal(r.status, 1)
    equal(events["box/good.lua"]["verdict"], "ok")
    failure = events["box/s.lua"]["failure"]
    equal((failure["file"], failure["line"]), ("box/s.lua", 6))
    contains(failure["ladder"], "#3 ACK a=1")
    contains(failure["states"], "server.s1  ESTABLISHED")
    equal(failure["kept"], "out/s.pcapng")
    contains(failure["message"], "open /etc/passwd: the sandbox allows files in")
    equal(os.listdir("out"), ["s.pcapng"])
    equal(events["box/exit.lua"]["verdict"], "failed")
    equal(events["box/spy.lua"]["verdict"], "failed")
    lacks(r.out, "root:")


@test("test --sandbox: links that lead out of the folder are not read, and not followed")
def links():
    box()
    os.symlink("../secret.txt", "box/a.lua")
    os.makedirs("others")
    write("check(true)\n", "others/other.lua")
    os.symlink("../others", "box/sub")
    os.symlink("sub2", "box/sub3")
    os.mkdir("box/sub2")
    write("check(true)\n", "box/sub2/b.lua")
    r = run("test", "--sandbox", "box/a.lua")
    equal(r.status, 1)
    contains(r.out, "open box/a.lua: the sandbox allows files in")
    lacks(r.out, "secret\n")
    contains(run("test", "--sandbox", "-k", "secret", "box/a.lua", "-k", "secret").err, "no scenario's name contains")
    names = [e["name"] for e in run("test", "--sandbox", "--format", "json", "box").json() if "name" in e]
    equal([n for n in names if "sub" in n], ["box/sub2/b.lua", "box/sub3/b.lua"])
    equal("box/sub/other.lua" in [e.get("name") for e in run("test", "--format", "json", "box").json()], True)


@test("test sandbox=yes at the prompt does the same")
def prompt():
    box()
    write('check(true)\nos.getenv("HOME")\n')
    r = run("-e", "test box/s.lua sandbox=yes")
    equal(r.status, 1)
    contains(r.out, "os.getenv: the sandbox shows no environment")


@test("nothing is left of labs whose script ended in whatever way")
def nothing_left():
    need_lab()
    box()
    for end in ("", "os.exit(3)\n", "error('x')\n", "while true do end\n"):
        write("check(true)\n" + LAB + end)
        run("test", "--sandbox", "--timeout", "0.5", "box/s.lua")
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open("/proc/%s/comm" % pid) as f, open("/proc/%s/status" % pid) as g:
                name, state = f.read().strip(), g.read()
            if name.startswith("tcpstep-") and os.readlink("/proc/%s/cwd" % pid) == os.getcwd() \
                    and "State:\tZ" not in state:
                found.append((name, pid))
        except OSError:
            pass
    equal(found, [])


@test("wrong uses are told")
def usage():
    write("", "s.lua")
    for args, want in ((("--sandbox",), "--sandbox takes a script"), (("--sandbox", "-"), "--sandbox takes a script"),
                       (("--sandbox", "-i", "s.lua"), "--sandbox gives no prompt"),
                       (("--sandbox", "test", "s.lua"), "tcpstep test --sandbox"),
                       (("test", "--sandbox", "--stop", "s.lua"), "")):
        r = run(*args)
        equal(r.status, 2, args)
        contains(r.err, want)


@test("the library of scenarios passes in a sandbox with the same verdicts")
def library():
    need_lab()
    folder = os.path.join(TOP, "scripts/scenario")
    r = run("test", "--sandbox", "-j", "4", "--format", "json", folder, timeout=110)
    failed = [(e["file"], e.get("failure")) for e in r.json() if e["event"] == "scenario"
              and e["verdict"] != "ok"]
    equal(failed, [])
    equal(r.status, 0)


if __name__ == "__main__":
    main()
