"""shell.py - tcpstep under a terminal (Shell) or with pipes (Pipe, run), seen as a user sees it."""
import errno
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

from screen import Screen

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TCPSTEP = os.environ.get("TCPSTEP") or os.path.join(TOP, "build/tcpstep")

# For events that come at once: only a machine under heavy load takes a part of it.
PATIENCE = 20


def environment(home, term, lang, more):
    """A clean environment: only what is named here, and what the sanitizers need."""
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home,
           "XDG_STATE_HOME": os.path.join(home, "state") if home else None,
           "TERM": term, "LC_ALL": lang, "INPUTRC": "/dev/null"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR"):
        env[name] = os.environ.get(name)
    env.update(more or {})
    return {k: v for k, v in env.items() if v is not None}


class Timeout(AssertionError):
    pass


class Shell:
    """
    tcpstep under a pseudo-terminal. `home` is kept by the caller to share it between shells;
    without one each shell has its own. env: names to set, or None to unset.
    """

    PROMPT = "tcpstep>"  # a pattern of re

    def __init__(self, *args, cols=80, rows=24, term="xterm-256color", lang="C.UTF-8",
                 env=None, home=None, cwd=None, wait=True, stdout=None, program=None):
        self._tmp = None if home else tempfile.TemporaryDirectory(prefix="tcpstep-home-")
        self.home = home or self._tmp.name
        self.screen = Screen(cols, rows)
        self.mark = 0
        self.typed = ""
        self.master, slave = pty.openpty()
        self._size(cols, rows)
        self.before = termios.tcgetattr(slave)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGQUIT, signal.SIG_DFL)

        self.process = subprocess.Popen(
            list(program or [TCPSTEP]) + list(args), stdin=slave, stdout=stdout or slave,
            stderr=slave, cwd=cwd, env=environment(self.home, term, lang, env),
            preexec_fn=own_terminal)
        self.slave = slave  # kept open: the terminal's modes can be read, output is not lost
        if wait:
            self.prompt()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # --- what goes in ---

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        while data:
            self.pump(0)
            _, w, _ = select.select([], [self.master], [], 0.05)
            if w:
                os.set_blocking(self.master, False)
                try:
                    data = data[os.write(self.master, data):]
                except BlockingIOError:
                    pass
                finally:
                    os.set_blocking(self.master, True)

    def send_line(self, text):
        """Types a line; expect() and output() look at what stands below it."""
        data = text if isinstance(text, bytes) else text.encode()
        self.from_here()
        self.typed = re.match(r"[ -~]*", data.decode("utf-8", "replace")).group()[:self.screen.cols // 4].rstrip()
        self.send(data + b"\r")

    def from_here(self):
        """What expect() and output() look at begins below the cursor's row."""
        self.mark, self.typed = self.screen.row, ""

    def paste(self, text):
        """As a terminal pastes: in brackets when the program asked for them."""
        data = text.encode() if isinstance(text, str) else text
        data = data.replace(b"\n", b"\r")
        if self.screen.bracketed:
            data = b"\x1b[200~" + data + b"\x1b[201~"
        self.send(data)

    def key(self, name):
        """ctrl-c, tab, up, left ..."""
        keys = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
                "home": "\x1b[H", "end": "\x1b[F", "delete": "\x1b[3~", "tab": "\t",
                "enter": "\r", "backspace": "\x7f", "escape": "\x1b"}
        self.send(chr(ord(name[5]) & 31) if name.startswith("ctrl-") else keys[name])

    def _size(self, cols, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def resize(self, cols, rows):
        """The kernel sends SIGWINCH itself."""
        self.pump(0)
        self.screen.resize(cols, rows)
        self._size(cols, rows)

    def signal(self, sig):
        self.process.send_signal(sig)

    # --- what comes out ---

    def pump(self, seconds):
        """Reads what has come, waiting for it at most so long. False when nothing came."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError as e:
            if e.errno == errno.EIO:
                return False
            raise
        self.screen.feed(data)
        return bool(data)

    def until(self, condition, what, timeout=PATIENCE):
        """Reads on until condition() is true; returns what it gave."""
        end = time.monotonic() + timeout
        while True:
            while self.pump(0):
                pass
            got = condition()
            if got:
                return got
            left = end - time.monotonic()
            if left <= 0:
                raise Timeout("waited %g s for %s; on the screen:\n%s\n(cursor %d,%d; exit %s)" % (
                    timeout, what, self.text(max(0, self.mark - 5)), self.screen.row,
                    self.screen.x, self.process.poll()))
            self.pump(min(left, 0.1))

    def text(self, start=0):
        return "\n".join(self.screen.lines(start))

    def output(self):
        """What stands below the line typed last, without the prompt at the end."""
        lines = self.screen.lines(self.mark)[1:]
        while lines and not lines[-1]:
            lines.pop()
        if lines and re.match(self.PROMPT, lines[-1]):
            lines.pop()
        return "\n".join(lines)

    def expect(self, pattern, timeout=PATIENCE):
        """Waits until the screen, from the line typed last on, matches; returns the match."""
        return self.until(lambda: re.search(pattern, self.text(self.mark), re.M),
                          repr(pattern), timeout)

    def echoed(self):
        """Whether the line typed last stands on the screen: an event may push its prompt down."""
        if not self.typed:
            return True
        for row, line in enumerate(self.screen.lines(self.mark), self.mark):
            if self.typed in line:
                self.mark, self.typed = row, ""
                return True
        return False

    def prompt(self, timeout=PATIENCE):
        """Waits for an empty prompt below the line typed last."""
        def there():
            line = self.screen.line()
            return (self.echoed() and re.fullmatch(self.PROMPT, line) and
                    self.screen.x == len(line) + 1 and
                    (self.mark == 0 or self.screen.row > self.mark))
        self.until(there, "the prompt", timeout)

    def command(self, text, timeout=PATIENCE):
        """Types a line, waits for the prompt, returns what was printed."""
        self.send_line(text)
        self.prompt(timeout)
        return self.output()

    def quiet(self, seconds=0.3):
        """Reads until nothing has come for so long: for claims that nothing comes."""
        while self.pump(seconds):
            pass

    def modes(self):
        """The terminal's settings now; equal to .before when they have been put back."""
        return termios.tcgetattr(self.slave)

    def wait(self, timeout=PATIENCE):
        """Waits for the end of tcpstep; returns its exit status, negative for a signal."""
        self.until(lambda: self.process.poll() is not None, "the end of tcpstep", timeout)
        while self.pump(0):
            pass
        return self.process.returncode

    def quit(self):
        """Ctrl-D and the exit status; output() is then what stands below that prompt."""
        self.from_here()
        self.key("ctrl-d")
        return self.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)
        self.master = self.slave = -1
        if self._tmp:
            self._tmp.cleanup()


class Result:
    """What a finished run left: out, err (text), raw (bytes of stdout), status, seconds."""

    def __init__(self, raw, err, status, seconds):
        self.raw, self.out = raw, raw.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")
        self.status, self.seconds = status, seconds

    def json(self):
        return [json.loads(line) for line in self.out.split("\n") if line]


def run(*args, input="", timeout=100, home=None, env=None, lang="C.UTF-8", **popen):
    """Runs tcpstep with pipes until it ends; input is text or bytes for stdin."""
    with tempfile.TemporaryDirectory(prefix="tcpstep-home-") as own:
        began = time.monotonic()
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        if "stdin" not in popen:
            popen["input"] = input.encode() if isinstance(input, str) else input
        done = subprocess.run([TCPSTEP] + list(args), timeout=timeout,
                              env=environment(home or own, "xterm", lang, env), **popen)
        return Result(done.stdout or b"", done.stderr or b"", done.returncode,
                      time.monotonic() - began)


class Pipe:
    """tcpstep with pipes, talked to line by line. With "--json", event() gives objects."""

    def __init__(self, *args, env=None, lang="C.UTF-8", **popen):
        self._tmp = tempfile.TemporaryDirectory(prefix="tcpstep-home-")
        self.process = subprocess.Popen(
            [TCPSTEP] + list(args), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(self._tmp.name, "xterm", lang, env), **popen)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for f in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                f.close()
            except BrokenPipeError:
                pass
        self._tmp.cleanup()

    def send(self, text):
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)
        self.process.stdin.flush()

    def send_line(self, text):
        self.send(text + "\n")

    def line(self, timeout=PATIENCE):
        """The next line of stdout, without its newline; None at its end."""
        end = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                raise Timeout("waited %g s for a line; got %r" % (timeout, self._buffer))
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def event(self, timeout=PATIENCE, **keys):
        """The next JSON object in which all these keys have these values."""
        while True:
            line = self.line(timeout)
            if line is None:
                raise AssertionError("stdout ended; stderr: %r" % self.process.stderr.read())
            got = json.loads(line)
            if all(got.get(k) == v for k, v in keys.items()):
                return got

    def finish(self, timeout=PATIENCE):
        """Closes stdin, waits; returns the Result of what was not yet read."""
        out, err = self.process.communicate(timeout=timeout)
        return Result(self._buffer + out, err, self.process.returncode, 0)
