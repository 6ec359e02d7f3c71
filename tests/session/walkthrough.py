"""walkthrough.py - texts with sessions in them: gone through by hand, and checked."""
import os
import re
import sys
import tempfile
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from mask import free_port
from shell import TCPSTEP, TOP, Shell, Timeout, run
from tap import contains, equal, lacks, main, test

SESSION = """\
# A text

Words in front.

```sh
make run
```

```tcpstep
$ tcpstep
tcpstep> listen 7788
l1  LISTEN  0.0.0.0:7788  backlog 128
tcpstep> connect 127.0.0.1:7788
c1  CLOSED -> SYN_SENT -> ESTABLISHED  127.0.0.1:1 > 127.0.0.1:7788  3 ms
    note: nobody has called accept. The kernel shook hands on its own;
          1 connection waits in the accept queue of l1.
```

Words between.

~~~
tcpstep> for i = 1, 2 do
>>   print(i)
>> end
1
2
tcpstep> recv l1
error: recv: l1 is a listener, not a connection
       A listener carries no data; accept takes a connection from it.
~~~

Words behind.
"""


class Text:
    """A file with a text, for as long as the block runs."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="tcpstep-text-")
        path = os.path.join(self.dir.name, "a.md")
        with open(path, "w", encoding="utf-8") as f:
            f.write(self.text)
        return path

    def __exit__(self, *exc):
        self.dir.cleanup()


def check(text, *args):
    with Text(text) as path:
        return run(*args, "-e", "walkthrough %s check=yes" % path)


def from_here(text):
    return text.replace("7788", str(free_port()))


def readme(name):
    need_lab()
    r = run("-e", "walkthrough %s check=yes" % os.path.join(TOP, name))
    equal((r.status, r.err), (0, ""), r.out)
    equal(len(re.findall("^ok ", r.out, re.M)), 2, r.out)


test("the sessions of README.md happen as they stand there")(lambda: readme("README.md"))
test("the sessions of README.zh.md happen as they stand there")(lambda: readme("README.zh.md"))


@test("README.zh.md shows the same sessions and lessons as README.md")
def same_readmes():
    parts = []
    for name in ("README.md", "README.zh.md"):
        with open(os.path.join(TOP, name), encoding="utf-8") as f:
            text = f.read()
        parts.append((re.findall(r"^```tcpstep\n.*?^```$", text, re.M | re.S),
                      re.findall(r"\((scripts/tutorial/[^)]+)\)", text)))
    equal(parts[0], parts[1])
    equal(len(parts[0][1]), 20)


@test("the examples of the man page run")
def man_page():
    page = run("--generate", "man").out
    examples = page[page.index('.SH "EXAMPLES"'):]
    text = examples.replace("\n.EX\n", "\n```\n").replace("\n.EE\n", "\n```\n").replace("\\e", "\\")
    contains(text, "tcpstep> listen")
    r = check(text)
    equal((r.status, r.err), (0, ""), r.out)


@test("a text that is right is checked to be so; ports, times and errors that it shows are no matter")
def right():
    r = check(SESSION)
    equal((r.status, r.err), (0, ""), r.out)
    equal(re.sub(r"/\S*/", "", r.out), "ok    a.md:9  2 lines\nok    a.md:21  2 lines\na.md: ok\n")


@test("what is printed otherwise is shown with its line, and the exit status is 1")
def wrong():
    for old, new, line in (("-> ESTABLISHED", "-> CLOSED", 13), ("\n2\n", "\n3\n", 22),
                           ("a listener,", "no listener,", 27)):
        r = check(SESSION.replace(old, new, 1))
        equal(r.status, 1, old)
        contains(r.out, "FAIL")
        contains(r.out, "line %d: " % line)
        contains(r.out, new.strip("\n"))


@test("a line that fails and should not is shown, also where the text shows no output at all")
def fails():
    for text in ("```\ntcpstep> recv c9\n```\n", "```\ntcpstep> hosts\ntcpstep> conect\n```\n"):
        r = check(text)
        equal(r.status, 1)
        contains(r.out, "error: ")


@test("a block in an item of a list is one; backquotes within a line begin none")
def odd_fences():
    r = check("```listen``` makes a socket.\n\n- First:\n\n  ```tcpstep\n  tcpstep> hosts\n"
              "  here  this machine\n  ```\n\n- Then:\n\n    ~~~\n    tcpstep> print(1)\n1\n    ~~~\n")
    equal((r.status, r.err), (0, ""), r.out)
    equal(re.sub(r"/\S*/", "", r.out), "ok    a.md:5  1 line\nok    a.md:12  1 line\na.md: ok\n")


@test("what a check compares is the same on a narrow and on a wide terminal")
def width():
    need_lab()
    for cols in (44, 60, 200):
        with Shell(cols=cols, rows=60) as s:
            contains(s.command("walkthrough %s/README.md check=yes" % TOP), "README.md: ok")


@test("a check leaves nothing behind: no socket, no lab, and what is shown is shown again")
def leaves_nothing():
    with Text("```\ntcpstep> listen 7788\n```\n") as path, Shell() as s:
        s.command("walkthrough %s check=yes" % path)
        s.expect(r"a\.md: ok")
        equal(s.command("listen 0").startswith("l1  LISTEN"), True)


@test("files that are no texts with sessions are refused in a sentence")
def bad_files():
    for text, part in (("", "there is no session in it"), ("```\nls\n```\n", "there is no session"),
                       ("one\n```\ntcpstep> hosts\n", "a.md:2: the block that begins here does not end")):
        with Text(text) as path:
            r = run("-e", "walkthrough " + path)
        equal((r.status, r.out), (1, ""))
        contains(r.err, part)
    r = run("walkthrough", TCPSTEP)
    equal((r.status, r.out), (1, ""))
    contains(r.err, "this is no text")
    r = run("-e", "walkthrough /nowhere/a.md")
    contains(r.err, "error: walkthrough: /nowhere/a.md: no such file or directory")
    r = run("-e", "walkthrough " + TOP)
    contains(r.err, "is a directory")
    for word in ("next", "off"):
        contains(run("-e", "walkthrough " + word).err, "error: walkthrough: none is under way")
    contains(run("-e", "(function() walkthrough('README.md') end)()").err, "as if typed")


@test("a line that ends the program or takes the prompt fails the check; at the end a text may say quit")
def not_compared():
    for line, says in (("quit", "it ends the program"), ("quit(0)", "it ends the program"),
                       ("tutorial first", "it takes the prompt"), ("walkthrough off", "is being checked"),
                       ("walkthrough README.md", "is being checked")):
        r = check("```\ntcpstep> print(3)\n3\ntcpstep> %s\ntcpstep> print(1)\n2\n```\n" % line)
        equal(r.status, 1, line)
        contains(r.out, "line 4: " + line)
        contains(r.out, says)
    r = check("```\ntcpstep> print(1)\n1\ntcpstep> quit\n```\n")
    equal(r.status, 0, r.out)


@test("tcpstep walkthrough FILE is the command line's form of it, options too")
def command_line():
    with Text(SESSION) as path:
        r = run("walkthrough", path, "check=yes")
        equal((r.status, r.err), (0, ""), r.out)
        contains(r.out, "a.md: ok")
        with Shell("walkthrough", path, rows=60, wait=False) as s:
            s.PROMPT = "a 1/2>"
            s.prompt()


@test("by hand: a long rest behind the last block is left out, and it is said")
def long_rest():
    with Text("```\ntcpstep> print(1)\n```\n" + "More.\n\n" * 30) as path, Shell(cols=200, rows=60) as s:
        s.PROMPT = "a 1/1>"
        s.command("walkthrough " + path)
        s.PROMPT = "tcpstep>"
        got = s.command("")
        contains(got, "what follows in it is only to be read")
        lacks(got, "More.")


@test("by hand: Enter runs a block, what is typed between runs too, and the end gives the prompt back")
def by_hand():
    with Text(from_here(SESSION)) as path, Shell(rows=60) as s:
        s.PROMPT = "a 1/2>"
        s.send_line("walkthrough " + path)
        s.prompt()
        contains(s.output(), "Words in front.")
        contains(s.output(), "    make run")
        lacks(s.output(), "Words between")
        s.command("1 + 1")
        s.expect("^2$")
        s.PROMPT = "a 2/2>"
        s.command("")
        contains(s.output(), "a 1/2> listen")
        contains(s.output(), "c1  CLOSED -> SYN_SENT -> ESTABLISHED")
        contains(s.output(), "Words between.")
        s.PROMPT = "tcpstep>"
        s.command("")
        contains(s.output(), "a 2/2> recv l1\nerror: recv")
        contains(s.output(), "Words behind.")
        contains(s.output(), "The end of ")


@test("by hand: a line that fails stops the block, and Enter goes on behind it")
def goes_on():
    with Text("```\ntcpstep> recv c9\ntcpstep> 11111 * 11111\n```\n") as path, Shell(cols=200) as s:
        s.PROMPT = "a 1/1>"
        s.command("walkthrough " + path)
        s.send_line("")
        s.expect(r'a.md:2: "recv c9" has failed. Enter goes on')
        s.prompt()
        lacks(s.output(), "123454321")
        s.PROMPT = "tcpstep>"
        s.command("")
        contains(s.output(), "123454321")


def interrupted(s, pattern):
    """Ctrl-C until it is heeded: one between the showing of a line and its start is the prompt's."""
    for _ in range(5):
        s.until(lambda: s.modes()[3] & termios.ICANON, "the line to run")
        s.key("ctrl-c")
        try:
            return s.expect(pattern, timeout=4)
        except Timeout:
            continue
    return s.expect(pattern)


@test("by hand: Ctrl-C stops the block, walkthrough off the whole; the sockets stay")
def stops():
    text = "```\ntcpstep> l = listen 0\ntcpstep> accept\ntcpstep> hosts\n```\n"
    with Text(text) as path, Shell(cols=200) as s:
        s.PROMPT = "a 1/1>"
        s.command("walkthrough " + path)
        s.send_line("")
        s.expect(r"a 1/1> accept$")
        interrupted(s, r'stopped at "accept". Enter goes on')
        s.prompt()
        s.PROMPT = "tcpstep>"
        s.command("walkthrough off")
        contains(s.output(), "has ended")
        contains(s.command("state"), "l1")


@test("60 columns: what the walkthrough itself says breaks between words")
def narrow():
    with Text("P\n```\ntcpstep> listen 0\n```\n") as path, Shell(cols=60) as s:
        s.send_line("walkthrough " + path)
        s.expect(r"walkthrough off\s+ends\.")
        for line in s.screen.lines(s.mark)[1:]:
            equal(len(line) < 60, True, line)


@test("without a file it is the README, in the language of the session")
def own():
    with Shell(rows=60) as s:
        s.PROMPT = "README 1/2>"
        contains(s.command("walkthrough"), "a debugger is to a program")
    with Shell("--lang", "zh", rows=60) as s:
        s.PROMPT = "README.zh 1/2>"
        contains(s.command("walkthrough"), "按回车执行这一段")


if __name__ == "__main__":
    main()
