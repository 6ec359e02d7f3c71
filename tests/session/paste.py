"""paste.py - what happens to pasted text: many lines, long lines, bytes of all kinds."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import Shell, run
from tap import contains, equal, lacks, main, test

INPUTRC = "set enable-bracketed-paste off\n"


def unbracketed(**how):
    with open("inputrc", "w") as f:
        f.write(INPUTRC)
    return Shell(env={"INPUTRC": os.path.abspath("inputrc")}, **how)


@test("pasted lines wait for Enter, then each is shown with its result")
def bracketed():
    with Shell() as s:
        s.paste("x = 1\nx + 1\nx + 2\n")
        s.until(lambda: "x + 2" in s.text(), "the paste")
        s.quiet(0.2)
        lacks(s.text(), "\n3")
        s.from_here()
        s.send("\r")
        s.expect(r"^3\n(tcpstep>.*\n)?tcpstep>$")
        contains(s.text(), "tcpstep> x + 1\n2\ntcpstep> x + 2\n3\n")


@test("without bracketed paste each line runs as it comes")
def plain():
    with unbracketed() as s:
        s.paste("x = 1\nx + 1\nx + 2\n10 * 10\n")
        s.expect("^100$")
        s.prompt()
        contains(s.text(), "\n2\n")
        contains(s.text(), "\n3\n")


@test("a pasted function of several lines is one chunk")
def chunk():
    with Shell() as s:
        s.paste("function twice(n)\n\tlocal m = n\n\n\treturn m + n\nend\ntwice(21)")
        s.until(lambda: "twice(21)" in s.text(), "the paste")
        s.from_here()
        s.send("\r")
        s.expect("^42$")


@test("after a failure the rest of a paste is not run, and that is said")
def failure():
    with Shell() as s:
        s.paste("1 + 1\nnonsense 5\nx = 5\ny = 6")
        s.until(lambda: "y = 6" in s.text(), "the paste")
        s.from_here()
        s.send("\r")
        s.expect("note: 2 more pasted lines were not run")
        s.prompt()
        equal(s.command("x"), "error: unknown command \"x\"\n"
              "       help lists the commands; a line that is none is taken as Lua.")


@test("pasted commands that wait run one after the other")
def waits():
    with Shell() as s:
        s.paste("l = listen 0\nconnect(l.port)\naccept\nsend c1 'a b'\nrecv s1\nclose c1 s1")
        s.until(lambda: "close c1 s1" in s.text(), "the paste")
        s.from_here()
        s.send("\r")
        s.expect('^s1  3 bytes  "a b"')
        s.until(lambda: s.screen.line() == s.PROMPT, "the prompt")


@test("2,000 pasted lines all run, bracketed or not")
def many():
    text = "n = 0\n" + "n = n + 1\n" * 2000 + "n"
    with Shell() as s:
        s.paste(text)
        s.send("\r")
        s.expect("^2000$", 60)
    with unbracketed() as s:
        s.paste(text + "\n")
        s.expect("^2000$", 60)


@test("a pasted line of 1 MB is taken whole")
def megabyte():
    with Shell(cols=200) as s:
        s.paste("x = '" + "y" * (1 << 20) + "'")
        s.until(lambda: s.screen.line().endswith("y'"), "the whole line", 60)
        s.from_here()
        s.send("\r")
        s.prompt(60)
        equal(s.command("#x", 60), str(1 << 20))


@test("a line of 1 MB from a pipe is taken whole")
def megabyte_pipe():
    r = run(input="x = '" + "y" * (1 << 20) + "'\n#x\n")
    equal(r.out, "%d\n" % (1 << 20))
    r = run(input="l = listen 0\nconnect(l.port)\naccept\nsend c1 " + "y" * 100000 +
            "\nrecv s1 exactly 100000\n#c1:send('" + "z" * (1 << 20) + "')\n")
    contains(r.out, "sent 100,000 bytes")


@test("a NUL, pasted or from a pipe, is not lost silently")
def nul():
    with Shell() as s:
        s.paste(b"x = 'a\0b'")
        s.until(lambda: s.screen.line().endswith("b'"), "the text behind the NUL")
        s.from_here()
        s.send("\r")
        s.prompt()
        lacks(s.output(), "error")
        equal(s.command("x"), '"a\\x00b"')
    equal(run(input=b"#'a\0b'\n").out, "3\n")
    r = run(input=b"send \0\n")
    equal(r.status, 1)
    contains(r.err, "NUL")


@test("invalid UTF-8 and control characters do not act on the terminal")
def controls():
    with Shell() as s:
        s.paste(b"x = '\xff\xfe\x1b]0;title\x07\x1b[2J\xc2\x9b5m\xe2\x82 \x08\x7f\x0e'")
        s.until(lambda: s.screen.line().endswith("'"), "the line")
        s.quiet(0.2)
        equal(s.screen.strange, [])
        s.from_here()
        s.send("\r")
        s.prompt()
        shown = s.command("x")
        equal(s.screen.strange, [])
        contains(shown, "\\xff\\xfe\\x1b]0;title\\x07\\x1b[2J")
    for lang in ("C", "C.UTF-8"):
        with Shell(lang=lang) as s:
            s.send_line(b"print('\xff\xe4\xbd\xa0\xc2\x9b')")
            s.prompt()
            equal(s.screen.strange, [])


@test("an unknown escape sequence or meta key is no harm")
def odd_keys():
    with Shell() as s:
        for keys in ("\x1b[99~", "\x1bO5z", "\x1b[1;5C", "\x1b[M !!", "\x1b\x1b\x1b", "\x1f",
                     "\x1b[201~", "\x18\x05", "\x1b[200~\x1b[201~"):
            s.send(keys)
            time.sleep(0.05)
            s.from_here()
            s.key("ctrl-c")
            s.until(lambda: s.screen.line() == s.PROMPT and s.screen.row > s.mark, "the prompt")
        equal(s.command("1 + 1"), "2")


@test("each pasted line is in the history")
def history():
    with Shell() as s:
        s.paste("x = 1\nx + 1")
        s.until(lambda: "x + 1" in s.text(), "the paste")
        s.from_here()
        s.send("\r")
        s.expect("^2$")
        s.prompt()
        s.key("up")
        s.key("up")
        s.until(lambda: s.screen.line() == "tcpstep> x = 1", "the first line")


main()
