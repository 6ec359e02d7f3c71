"""examples.py - the example of every row of the command table runs in an empty shell."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from _peer import some_port
import shell
from rows import PORT, commands, example
from tap import equal, main, test


def run_example(name):
    lines = "\n".join(example(name)).replace(PORT, str(some_port())) + "\n"
    r = shell.run(input=lines)
    equal((r.status, r.err), (0, ""), lines)


@test("every command of the table has an example")
def all_have():
    names = commands()
    for name in ("listen", "recv", "state", "spawn", "help"):
        equal(name in names, True, name)
    equal([n for n in names if not example(n)], [])


for name_ in commands():
    test("the example of %s runs" % name_)(lambda n=name_: run_example(n))

if __name__ == "__main__":
    main()
