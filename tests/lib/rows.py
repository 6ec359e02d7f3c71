"""rows.py - what the table of commands says: their names, and their examples."""
import re

import shell

# The port of the examples; another one lets tests run side by side.
PORT = "7788"


def commands():
    return re.findall(r"^  ([a-z]+) ", shell.run("-e", "help").out, re.M)


def example(name):
    """The lines of a row's example, as they are typed."""
    text = shell.run("-e", "help " + name).out
    part = text.split("\nexample\n", 1)[1].split("\n\n", 1)[0]
    return [line.split("tcpstep> ", 1)[1] for line in part.split("\n") if "tcpstep> " in line]
