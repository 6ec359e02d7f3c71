"""lab.py - a shell whose prompt may be that of a lab, and what tests of labs need to know."""
import re

from mask import mask
from shell import Shell, run
from tap import Skip

class LabShell(Shell):
    """The prompt is tcpstep>, lab>, or lab:2> while the wire holds two segments."""

    PROMPT = re.compile(r"(tcpstep|lab(:\d+)?)>")

    def prompt_is(self, text):
        self.until(lambda: self.screen.line() == text, "the prompt " + text)

    def comes(self, want, typed, timeout=20):
        """What stands below the line typed last becomes this, numbers and columns aside."""
        try:
            self.until(lambda: mask(self.output()) == mask(want), "what should follow " + typed, timeout)
        except AssertionError:
            raise AssertionError("%s\n--- got\n%s\n--- expected\n%s" % (
                typed, self.output(), want)) from None


def need_lab():
    """Skips the test where this machine allows no lab."""
    made = run("-e", "lab")
    if made.status:
        raise Skip(made.err.split("\n")[0])


def children(pid):
    """The processes that this one started, by pid."""
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def state(pid):
    """The letter that ps shows: R, S, T (stopped) ...; X once it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def alive(pid):
    """False once it has ended, a zombie included."""
    return state(pid) not in "ZX"
