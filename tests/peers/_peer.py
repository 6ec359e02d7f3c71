"""_peer.py - the other end: sockets of python3, programs, and networks of the test's own."""
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import shell
from tap import Skip

LOCAL = "127.0.0.1"


def need(*programs):
    for name in programs:
        if not shutil.which(name):
            raise Skip("%s is not installed" % name)


def data_of(size):
    """Bytes that differ from their neighbours and hold neither newline nor NUL."""
    block = bytes(b for b in range(1, 256) if b != 10)
    out = bytearray()
    while len(out) < size:
        out += block[len(out) // len(block) % len(block):] + block
    return bytes(out[:size])


def read_all(conn):
    parts = []
    while True:
        part = conn.recv(1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def read_exactly(conn, n):
    parts = b""
    while len(parts) < n:
        part = conn.recv(n - len(parts))
        if not part:
            break
        parts += part
    return parts


def reset(conn):
    """Closes with RST."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


class Server:
    """
    Serves connections one after the other with fn(conn) in a thread, as many as times says.
    result() waits for the end, raises what fn raised, and gives what it returned last.
    """

    def __init__(self, fn, times=1, host=LOCAL, rcvbuf=0):
        self.fn, self.times = fn, times
        self.listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if rcvbuf:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.listener.bind((host, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.address = "%s:%d" % (host if ":" not in host else "[%s]" % host, self.port)
        self.value = self.error = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        try:
            for _ in range(self.times):
                conn, _ = self.listener.accept()
                with conn:
                    conn.settimeout(shell.PATIENCE)
                    self.value = self.fn(conn)
        except Exception as e:  # told by result()
            self.error = e
        self.listener.close()

    def result(self):
        self.thread.join(shell.PATIENCE)
        if self.error:
            raise self.error
        if self.thread.is_alive():
            raise AssertionError("the server in python3 is still waiting")
        return self.value


def connect(port, host=LOCAL):
    conn = socket.create_connection((host, port), timeout=shell.PATIENCE)
    return conn


def free_port():
    """A port that nobody listens on, kept from others while the socket that comes with it lives."""
    s = socket.socket()
    s.bind((LOCAL, 0))
    return s.getsockname()[1], s


def wait_until(condition, what, timeout=shell.PATIENCE):
    """For what others do and give no event for."""
    end = time.monotonic() + timeout
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s" % (timeout, what))
        time.sleep(0.005)


def listening(port):
    """True once a program listens there; told from the kernel's table, without connecting."""
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(path):
            continue
        with open(path, encoding="ascii") as f:
            for line in f.readlines()[1:]:
                fields = line.split()
                if fields[1].endswith(":%04X" % port) and fields[3] == "0A":
                    return True
    return False


class Program:
    """Another program, ended with the block."""

    def __init__(self, *argv, **popen):
        need(argv[0])
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.STDOUT)
        self.process = subprocess.Popen(argv, **popen)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for f in (self.process.stdin, self.process.stdout):
            if f:
                f.close()

    def listens(self, port):
        wait_until(lambda: listening(port) or self.process.poll() is not None,
                   "%s to listen" % self.process.args[0])
        if self.process.poll() is not None:
            raise AssertionError("%s ended: %s" % (self.process.args[0],
                                                   self.process.stdout.read()))

    def output(self, data=None, timeout=shell.PATIENCE):
        """What it prints until its end."""
        return self.process.communicate(data, timeout=timeout)[0]


def some_port():
    """A port that is very likely free when a program asks for it a moment later."""
    port, keeper = free_port()
    keeper.close()
    return port


def can_unshare(*flags):
    return subprocess.run(["unshare", *flags, "true"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def in_network(setup, *args, input="", flags=("-Urn",), wrap="", timeout=60):
    """tcpstep in a network namespace of its own that the shell commands in setup have made."""
    need("unshare", "ip")
    if not can_unshare(*flags):
        raise Skip("no user namespaces (unshare %s)" % " ".join(flags))
    up = "ip link set lo up\n" if "n" in flags[0] else ""
    script = "set -e\n" + up + "%s\nexec %s \"$@\"" % (setup, wrap)
    done = subprocess.run(["unshare", *flags, "sh", "-c", script, "sh", shell.TCPSTEP, *args],
                          input=input.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=shell.environment(os.getcwd(), "xterm", "C.UTF-8", None),
                          timeout=timeout)
    return shell.Result(done.stdout, done.stderr, done.returncode, 0)


def script(text, *args, **how):
    """Runs Lua from a file with tcpstep; the file lies in the test's directory."""
    with open("script.lua", "w", encoding="utf-8") as f:
        f.write(text)
    return shell.run("script.lua", *[str(a) for a in args], **how)


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
