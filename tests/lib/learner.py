"""learner.py - a shell whose prompt may be a lesson's, and lessons of a test's own."""
import os
import re
import shutil

from shell import Shell
from tap import equal

class Learner(Shell):
    """The prompt is the shell's, a lab's, or a lesson's: handshake 2/6 lab:1>."""

    PROMPT = re.compile(r"(tcpstep|lab(:\d+)?|[a-z-]+ \d+/\d+( lab:\d+)?)>")

    def prompt_is(self, text):
        equal(self.screen.line(), text, "the prompt")

    def plays(self, *lines):
        """Types lines, each after the prompt of the one before; "" is Enter. Returns the last's output."""
        for line in lines:
            got = self.command(line)
        return got


class own_lesson:
    """A directory of lessons with one, 01-own; its texts are the same in both languages."""

    def __init__(self, body, needs, texts, zh=None):
        self.files = {
            "lesson.lua": 'return lesson {\n\tid = "own", needs = "%s", minutes = 1,\n%s}\n' % (needs, body),
            "en.txt": "@title Own\n@goal G\n" + texts + "@end E\n",
            "zh.txt": "@title Own\n@goal G\n" + (texts if zh is None else zh) + "@end E\n"}

    def __enter__(self):
        self.folder = os.path.abspath("lessons")
        os.makedirs(self.folder + "/01-own")
        for name, text in self.files.items():
            with open("%s/01-own/%s" % (self.folder, name), "w") as f:
                f.write(text)
        return self.folder

    def __exit__(self, *exc):
        shutil.rmtree(self.folder)


STEP = """	step {
		id = "go",
		done = { listening = { port = 7788 } },
		near = { other = { listening = {} } },
		solution = { "listen 7788" },
		wrong = { other = { "listen 7789" } },
	},
"""
TEXTS = "@go Listen.\n@go.hint.1 H\n@go.near.other N\n@go.after A\n"
