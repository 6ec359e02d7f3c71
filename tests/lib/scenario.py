"""scenario.py - scenarios for tests of tcpstep test, and what it says of them as JSON."""
import os

from shell import run

SEVERAL = """-- Three tests in a file.
test("first: one is one", function() check.equal(1, 1) end)
test("the second's <wrong> & so on", function() check.equal(1, 2) end)
test("third is skipped", function() skip("it rains\\nall day") end)
"""


def write(name, text):
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as f:
        f.write(text)


def results(*args):
    """The JSON of a run: the scenarios' objects and the summary's."""
    events = run("test", "--format", "json", *args).json()
    return events[:-1], events[-1]
