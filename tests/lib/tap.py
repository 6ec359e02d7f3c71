"""tap.py - tests as functions whose docstring-like names are claims; TAP on stdout."""
import os
import sys
import tempfile
import traceback

_tests = []


class Skip(Exception):
    """Raised by a test that cannot be made here; its text is the reason."""


def test(claim):
    """Decorator: the function is the test of this claim."""
    def add(fn):
        _tests.append((claim, fn))
        return fn
    return add


def equal(got, want, what=""):
    if got != want:
        raise AssertionError("%s\n     got: %r\nexpected: %r" % (what, got, want))


def contains(text, part):
    if part not in text:
        raise AssertionError("this is missing: %r\nin:\n%s" % (part, text))


def lacks(text, part):
    if part in text:
        raise AssertionError("this should not be there: %r\nin:\n%s" % (part, text))


def _diag(text):
    for line in text.rstrip("\n").split("\n"):
        print("# " + line.encode("ascii", "backslashreplace").decode())


def main():
    """Runs all tests (or those whose claim contains argv[1]), each in a directory of its own."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [t for t in _tests if wanted in t[0]]
    failed = 0
    print("1..%d" % len(chosen), flush=True)
    for n, (claim, fn) in enumerate(chosen, 1):
        why, skip = None, None
        back = os.getcwd()
        with tempfile.TemporaryDirectory(prefix="tcpstep-test-") as folder:
            os.chdir(folder)
            try:
                fn()
            except Skip as e:
                skip = str(e)
            except Exception:
                why = traceback.format_exc()
            os.chdir(back)
        failed += why is not None
        print("%sok %d - %s%s" % ("not " if why else "", n, claim,
                                  " # SKIP " + skip if skip else ""))
        if why:
            _diag(why)
        sys.stdout.flush()
    sys.exit(failed > 0)
