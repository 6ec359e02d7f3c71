"""plan.py - which scenarios tcpstep test runs: odd files and folders, names, and how to run one again."""
import os
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import TCPSTEP, run
from tap import Skip, contains, equal, lacks, main, test


def write(name, text="check(true)\n"):
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as f:
        f.write(text)


def events(*args):
    """The JSON of a run: the scenarios' objects, without the summary."""
    return run("test", "--format", "json", *args).json()[:-1]


def names(*args):
    return [e["name"] for e in events(*args)]


def again(text):
    """The commands that the report gives to run each failure again, as a shell runs them."""
    commands = [line.split("again", 1)[1].strip() for line in text.split("\n")
                if line.startswith("   again ")]
    out = []
    for command in commands:
        equal(command.startswith("tcpstep test "), True)
        done = subprocess.run(["bash", "-c", shlex.quote(TCPSTEP) + command[len("tcpstep"):] + " --format=json"],
                              capture_output=True, check=False)
        out.append((done.returncode, done.stderr.decode()))
    return out


@test("a folder that is linked into itself is gone through once")
def loop():
    write("s/a.lua")
    write("s/sub/b.lua")
    os.symlink(".", "s/loop")
    os.symlink("../..", "s/sub/up")
    os.symlink("sub", "s/twin")
    equal(names("s"), ["s/a.lua", "s/sub/b.lua", "s/twin/b.lua"])


@test("deep folders are gone through to the end")
def deep():
    write("s/" + "d/" * 40 + "a.lua")
    equal(len(names("s")), 1)


@test("what is no regular file has failed, and nobody waits for it")
def fifo():
    write("s/ok.lua")
    os.mkfifo("s/pipe.lua")
    os.symlink("/dev/zero", "s/zero.lua")
    os.symlink("gone", "s/dangling.lua")
    got = {e["file"]: e for e in events("s", "--timeout", "5")}
    equal({name: e["verdict"] for name, e in got.items()},
          {"s/ok.lua": "ok", "s/pipe.lua": "failed", "s/zero.lua": "failed", "s/dangling.lua": "failed"})
    for name in "s/pipe.lua", "s/zero.lua":
        contains(got[name]["failure"]["message"], "no regular file")
    contains(got["s/dangling.lua"]["failure"]["message"], "No such file")


@test("a folder that cannot be read is told, not left out")
def unreadable():
    write("s/a.lua")
    write("s/sub/b.lua")
    os.chmod("s/sub", 0)
    os.chmod(".", 0o755)
    # Root may read all.
    user = {} if os.getuid() else {"user": 65534, "group": 65534, "extra_groups": []}
    done = subprocess.run([TCPSTEP, "test", "s"], capture_output=True, text=True, check=False, **user)
    os.chmod("s/sub", 0o700)
    equal((done.returncode, done.stdout), (2, ""))
    contains(done.stderr, "s/sub: Permission denied")


@test("an empty name is a mistake, and so are a limit of 0 s and a file as the folder for captures")
def wrong():
    write("a.lua")
    r = run("test", "")
    equal((r.status, r.out), (2, ""))
    r = run("test", "--output", "a.lua", "a.lua")
    equal((r.status, r.out), (2, ""))
    contains(r.err, "a.lua: File exists")
    for limit in "--timeout", "--cpu":
        r = run("test", limit, "0", "a.lua")
        equal((r.status, r.out), (2, ""))
        contains(r.err, "a limit of 0 s leaves no time")


@test("a failure is run again by the command that the report gives, whatever file and claim are called")
def quoted():
    for name in ("a b", "it's", "$(false)", "new\nline", "esc\x1b[31m", "back\\slash", "-dash", "q\"", "中文"):
        write(name + ".lua", "check(false)\n")
    with open(b"bad\xff.lua", "w") as f:
        f.write("check(false)\n")
    write("claims.lua", "for _, c in ipairs{'a\\nb', 'it\\'s', '-x', '\\xff', '*'} do\n"
                        "test(c, function() check(false) end) end\n")
    r = run("test", ".")
    equal(r.status, 1)
    equal(again(r.out), [(1, "")] * 15)
    lacks(r.out, "new\nline")


@test("-k finds a test whose claim is made when the file runs")
def made():
    write("made.lua", "for i = 1, 12 do test('number ' .. i, function() check(i ~= 2) end) end\n")
    equal(names("-k", "number 2", "made.lua"), ["made.lua: number 2"])
    equal(names("-k", "number 1", "made.lua"), ["made.lua: number %d" % i for i in (1, 10, 11, 12)])


@test("-k that takes no test is a mistake, as one that takes no file")
def none():
    write("made.lua", "test('one', function() check(true) end) -- zzz\n")
    for match in "zzz", "yyy":
        r = run("test", "-k", match, "made.lua")
        equal((r.status, r.out), (2, ""))
        contains(r.err, 'no scenario\'s name contains "%s"' % match)


@test("each failure keeps a capture of its own, whatever its file is called")
def kept():
    body = 'lab("client", "server").client:connect("server:80")\n'
    for name in ("a/x", "b/x", "s-a-x", "y", "s-b-y-2"):
        write("s/%s.lua" % name, body)
    write("s/b/y.lua", "for i = 1, 2 do test('t' .. i, function() %s end) end" % body)
    got = events("s")
    if got[0]["verdict"] == "skipped":
        raise Skip(got[0]["reason"])
    files = [e["failure"]["kept"] for e in got]
    equal(len(set(files)), 7)
    equal([f for f in files if not os.path.exists(f)], [])


if __name__ == "__main__":
    main()
