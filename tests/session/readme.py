"""readme.py - the sessions in README.md happen as they stand there, numbers aside."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import LabShell, need_lab
from mask import free_port
from shell import TOP
from tap import equal, main, test

PROMPT = re.compile(r"(?:tcpstep|lab(?::\d+)?)> ")


def sessions(text):
    """Each block fenced by ```tcpstep: a list of (what is typed, what is printed)."""
    for block in re.findall(r"^```tcpstep\n(.*?)^```$", text, re.M | re.S):
        steps = []
        for line in block.splitlines():
            prompt = PROMPT.match(line)
            if prompt:
                steps.append((line[prompt.end():], []))
            else:
                steps[-1][1].append(line)
        yield [(typed, "\n".join(printed)) for typed, printed in steps]


def ports(text):
    """The ports that are typed: each is replaced by one that is free here."""
    found = re.findall(r"(?:listen|connect)\s+(?:\S+:)?(\d{4})\b", text)
    return {port: str(free_port()) for port in sorted(set(found))}


def play(steps, patience=20):
    new = ports("\n".join(typed for typed, _ in steps))

    def here(text):
        return re.sub(r"\b\d{4}\b", lambda m: new.get(m.group(), m.group()), text)

    if steps[0][0].startswith("lab"):
        need_lab()
    with LabShell(cols=100, rows=60, env={"NO_COLOR": "1"}) as shell:
        for typed, printed in steps:
            shell.send_line(here(typed))
            shell.comes(here(printed), typed, patience)
            shell.prompt()


@test("a session in a text is found, played and compared")
def sample():
    found = list(sessions("text\n```tcpstep\ntcpstep> 1 + 1\n2\ntcpstep> help\n```\n```sh\nls\n```\n"))
    equal(found, [[("1 + 1", "2"), ("help", "")]])
    play(found[0][:1])
    try:
        play([("1 + 1", "3")], patience=0.5)
    except AssertionError:
        return
    raise AssertionError("a difference was not seen")


with open(os.path.join(TOP, "README.md"), encoding="utf-8") as readme:
    SESSIONS = list(sessions(readme.read()))

for number, session in enumerate(SESSIONS, 1):
    test("session %d of README.md (%s ...)" % (number, session[0][0]))(
        lambda session=session: play(session))


@test("README.md shows at least one session")
def some():
    equal(len(SESSIONS) > 0, True)


main()
