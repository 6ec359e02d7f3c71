"""The same measurements in Python: rtt, bulk, connects, pairs, state, with bench.h's marks."""
import gc
import os
import resource
import socket
import struct
import sys

CHUNK = 256 * 1024
TCP_INFO_SIZE = 248
NOW = struct.pack("ii", 1, 0)


def mark(text):
    os.write(1, (text + "\n").encode())


def pin(s):
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")


def listener():
    l = socket.socket()
    l.bind(("127.0.0.1", 0))
    l.listen(128)
    pin(l)
    return l


def pair():
    l = listener()
    c = socket.create_connection(l.getsockname())
    pin(c)
    return l, c, l.accept()[0]


def rtt_both(n):
    l, c, s = pair()
    for i in range(-(n // 10), n):
        if i == 0:
            mark("go")
        c.send(b"x")
        s.recv(1)
        s.send(b"x")
        c.recv(1)
    mark("done %d" % n)


def rtt_echo():
    l = listener()
    mark(str(l.getsockname()[1]))
    s = l.accept()[0]
    while True:
        byte = s.recv(1)
        if not byte:
            break
        s.send(byte)


def rtt_ping(n, port):
    c = socket.create_connection(("127.0.0.1", port))
    pin(c)
    for i in range(-(n // 10), n):
        if i == 0:
            mark("go")
        c.send(b"x")
        c.recv(1)
    mark("done %d" % n)


def pass_chunk(a, b, data):
    sent = got = 0
    while got < CHUNK:
        if sent < CHUNK:
            try:
                sent += a.send(data[sent:] if sent else data)
            except BlockingIOError:
                pass
        try:
            got += len(b.recv(CHUNK))
        except BlockingIOError:
            pass


def bulk_both(count):
    l, c, s = pair()
    c.setblocking(False)
    s.setblocking(False)
    data = memoryview(b"x" * CHUNK)
    n = count // CHUNK
    for i in range(-(n // 10), n):
        if i == 0:
            mark("go")
        pass_chunk(s, c, data)
    mark("done %d" % (n * CHUNK))


def bulk_source(count):
    l = listener()
    data = b"x" * CHUNK
    mark(str(l.getsockname()[1]))
    s = l.accept()[0]
    for _ in range(count // CHUNK):
        s.sendall(data)


def bulk_sink(port):
    c = socket.create_connection(("127.0.0.1", port))
    total = 0
    mark("go")
    while True:
        n = len(c.recv(CHUNK))
        if n == 0:
            break
        total += n
    mark("done %d" % total)


def connects(n):
    l = listener()
    at = l.getsockname()
    for i in range(-(n // 10), n):
        if i == 0:
            mark("go")
        c = socket.socket()
        c.connect(at)
        s = l.accept()[0]
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
        c.close()
        s.close()
    mark("done %d" % n)


def rss():
    gc.collect()
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def pairs(n):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    l = listener()
    at = l.getsockname()
    open_ones = []
    before = rss()
    mark("go")
    for _ in range(n):
        c = socket.socket()
        c.connect(at)
        open_ones.append(c)
        open_ones.append(l.accept()[0])
    mark("done %d" % n)
    mark("value %d" % ((rss() - before) // n))
    for c in open_ones[::2]:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
        c.close()


def state_info(n):
    l, c, s = pair()
    mark("go")
    for _ in range(n):
        info = c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
        assert info[0] == 1
    mark("done %d" % n)


globals()[sys.argv[1]](*map(int, sys.argv[2:]))
