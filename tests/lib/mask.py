"""mask.py - comparing what is printed with what a text says, where numbers vary."""
import random
import re
import socket

_MASKS = [
    (r"(127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):\d+", r"\1:P"),
    (r"(10\.77\.0\.1|\[fd77::1\]):\d+", r"\1:P"),  # the lab's client
    (r"\(raw \d+\)", "(raw N)"),
    (r"again after [\d., and]+ s\b", "again after T"),
    (r"\d+ cop(y|ies) folded", "N copies folded"),
    (r"\d+ packets \(\d+ marked", "N packets (N marked"),
    (r"\b\d+(\.\d+)? (ms|s|min|us)\b", "T"),
    (r"\(pid \d+\)", "(pid N)"),
    (r"[ -]{2,}", " "),  # columns move with the numbers
]


def free_port():
    """A port of four digits that nobody uses: it looks like those in the texts."""
    while True:
        port = random.randrange(2000, 10000)
        with socket.socket() as s:
            try:
                s.bind(("0.0.0.0", port))
                return port
            except OSError:
                pass


def mask(text):
    """The text with ports, times and the widths of columns made alike."""
    for pattern, by in _MASKS:
        text = re.sub(pattern, by, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def same(got, want, what):
    if mask(got) != mask(want):
        raise AssertionError("%s\n--- got\n%s\n--- expected\n%s" % (what, got, want))
