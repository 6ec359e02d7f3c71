"""errors.py - everything the world does wrong: each errno as a sentence that says what to do."""
import errno
import os
import resource
import socket
import subprocess
import threading
import time

from _peer import (LOCAL, Server, can_unshare, connect, cpu_seconds, free_port, in_network, need,
                   read_exactly, reset, script, some_port)
import shell
from tap import Skip, contains, equal, lacks, main, test


def fails(r, *parts):
    """A run that ended by an error which has all these parts."""
    equal(r.status, 1, r.err)
    contains(r.err, "error: ")
    for part in parts:
        contains(r.err, part)
    return r


@test("a port where nobody listens refuses: ECONNREFUSED")
def refused():
    port, keep = free_port()
    with keep:
        fails(shell.run("-e", "connect 127.0.0.1:%d" % port),
              "connect 127.0.0.1:%d: connection refused (ECONNREFUSED)" % port,
              "nothing listens", "help errors ECONNREFUSED")


@test("the name of a failed connect is free again")
def name_again():
    port, keep = free_port()
    with keep:
        r = script("""
assert(not try(connect, arg[1]))
local l = listen("127.0.0.1:0")
assert(tostring(connect(state(l, {full = true}).local_address)):match("^c1 "))
""", "127.0.0.1:%d" % port)
        equal((r.status, r.err), (0, ""))


@test("a reset during recv is ECONNRESET, every time one asks, and never an end of stream")
def reset_recv():
    server = Server(lambda conn: (conn.recv(1), reset(conn)))
    r = script("""
local c = connect(arg[1])
send(c, "x")
for _, f in ipairs{ function() return recv(c) end, function() return recv(c, 10) end,
	function() return recv(c, "all") end, function() return recv(c, "line") end,
	function() return recv(c, "exactly", 5) end, function() return recv(c, {file = "f"}) end,
	function() return recv(c, {discard = true}) end } do
	local data, e = try(f)
	assert(data == nil and e.code == "ECONNRESET", tostring(e))
end
assert(state(c) == "CLOSED")
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("a reset after data: recv all fails, and the data can still be had where the kernel kept it")
def reset_after_data():
    server = Server(lambda conn: (conn.sendall(b"abc"), read_exactly(conn, 1), reset(conn)))
    r = script("""
local c = connect(arg[1])
local _, e = try(recv, c, "all", {timeout = 0.2})
assert(e.code == "timeout" and e.message:find("3 bytes are there"), e.message)
send(c, "x")
_, e = try(recv, c, "all")
assert(e.code == "ECONNRESET", e.message)
assert(recv(c) == "abc")
_, e = try(recv, c)
assert(e.code == "ECONNRESET", e.message)
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("a reset during send names what the kernel had taken, then sends are EPIPE")
def reset_send():
    def serve(conn):
        read_exactly(conn, 100000)
        reset(conn)

    server = Server(serve, rcvbuf=4096)
    r = script("""
local c = connect(arg[1])
local n, e = try(send, c, string.rep("x", 64 << 20))
assert(not n and e.code == "ECONNRESET", e.message)
local taken = tonumber(e.message:match("after (%d+) bytes"))
assert(taken >= 100000 and taken < 64 << 20, e.message)
n, e = try(send, c, "more")
assert(e.code == "EPIPE", e.message)
n, e = try(recv, c)
assert(e.code == "ECONNRESET", e.message)
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("a reset during send file= is an error too")
def reset_send_file():
    with open("big", "wb") as f:
        f.truncate(64 << 20)
    server = Server(lambda conn: (read_exactly(conn, 100000), reset(conn)), rcvbuf=4096)
    fails(script('local c = connect(arg[1]) send(c, {file = "big"})', server.address),
          "ECONNRESET", "after ", "send c1")


@test("sending after shutdown is EPIPE, and receiving goes on")
def half_closed():
    def serve(conn):
        equal(conn.recv(10), b"")
        conn.sendall(b"late")

    server = Server(serve)
    r = script("""
local c = connect(arg[1])
shutdown(c)
local _, e = try(send, c, "x")
assert(e.code == "EPIPE", e.message)
assert(recv(c, "all") == "late")
assert(recv(c) == nil)
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("a send that nobody reads ends at its timeout and says how many bytes went")
def send_timeout():
    done = threading.Event()
    server = Server(lambda conn: done.wait(shell.PATIENCE), rcvbuf=4096)
    r = script("""
local c = connect(arg[1])
local n, e = try(send, c, string.rep("x", 64 << 20), {timeout = 0.3})
assert(e.code == "timeout", e.message)
local taken = tonumber(e.message:match("the kernel has taken (%d+) of 67108864 bytes$"))
assert(taken > 0, e.message)
""", server.address)
    done.set()
    equal((r.status, r.err), (0, ""))


@test("send file=/dev/zero to a fast reader ends at its timeout")
def send_endless():
    def serve(conn):
        n = 0
        while conn.recv(1 << 20):
            n += 1
        return n

    server = Server(serve)
    r = script("""
local c = connect(arg[1])
local n, e = try(send, c, {file = "/dev/zero", timeout = 0.3})
assert(e.code == "timeout" and e.message:find("the kernel has taken %d+ bytes$"), e.message)
close(c)
""", server.address, timeout=20)
    equal((r.status, r.err), (0, ""))


@test("recv all and recv file= from an endless sender end at their timeouts")
def recv_endless():
    def serve(conn):
        try:
            while True:
                conn.sendall(bytes(1 << 20))
        except OSError:
            pass

    server = Server(serve, times=3)
    r = script("""
for _, how in ipairs{ {"all"}, {"line"}, {} } do
	local c = connect(arg[1])
	local _, e = try(recv, c, how[1], {timeout = 0.3, file = not how[1] and "out" or nil})
	assert(e.code == "timeout", e.message)
	abort(c)
end
assert(io.open("out", "rb"):seek("end") > 0)
""", server.address, timeout=30)
    equal((r.status, r.err), (0, ""))


@test("files that cannot be sent: missing, unreadable, a directory")
def bad_files():
    server = Server(lambda conn: conn.recv(1), times=5)
    os.mkdir("dir")
    with open("secret", "w", encoding="ascii"):
        pass
    os.chmod("secret", 0)
    for name, code in (("none", "ENOENT"), ("dir", "EISDIR"), ("", "ENOENT")):
        fails(shell.run("-e", "connect %s" % server.address, "-e", 'send c1 file="%s"' % name),
              "send: open %s" % name, code)
    for command in ("send c1 file=secret", "load secret"):
        r = in_network("", "-e", "connect %s" % server.address, "-e", command, flags=("-Ur",),
                       wrap="setpriv --bounding-set -dac_override,-dac_read_search")
        fails(r, "%s: open secret: permission denied (EACCES)" % command.split()[0])
        lacks(r.err, "port")


@test("recv file= leaves an existing file, and with force=yes never replaces a device")
def recv_existing():
    server = Server(lambda conn: conn.sendall(b"new"), times=4)
    with open("old", "w", encoding="ascii") as f:
        f.write("old")
    os.chmod("old", 0o640)
    c = "connect %s" % server.address
    fails(shell.run("-e", c, "-e", "recv c1 file=old"), "write old: file exists (EEXIST)",
          "force=yes")
    with open("old", encoding="ascii") as f:
        equal(f.read(), "old")
    os.symlink("/dev/null", "null")
    for name in ("/dev/full", "null"):
        fails(shell.run("-e", c, "-e", "recv c1 file=%s force=yes" % name),
              "%s: it is not a regular file" % name)
    r = shell.run("-e", c, "-e", "recv c1 file=old force=yes")
    equal((r.status, r.err), (0, ""))
    with open("old", encoding="ascii") as f:
        equal(f.read(), "new")
    equal(os.stat("old").st_mode & 0o777, 0o640)


@test("a full disk is an error that names file and bytes, and leaves the old file whole")
def full_disk():
    need("unshare")
    if not can_unshare("-Urm"):
        raise Skip("no user namespaces")
    server = Server(lambda conn: conn.sendall(bytes(1 << 20)))
    os.mkdir("small")
    r = in_network("mount -t tmpfs -o size=64k none small\necho old >small/f\n",
                   "-e", "connect %s" % server.address,
                   "-e", "recv c1 file=small/f force=yes",
                   flags=("-Urm",), wrap="sh -c '\"$@\"; s=$?; ls small; cat small/f; exit $s' sh")
    equal(r.status, 1, r.err)
    contains(r.err, "write small/f, after ")
    contains(r.err, "no space left on device (ENOSPC)")
    contains(r.out, "f\nold\n")
    lacks(r.out, "~")


@test("a port in use: EADDRINUSE, and who has it")
def in_use():
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        port = s.getsockname()[1]
        fails(shell.run("-e", "listen 127.0.0.1:%d" % port),
              "listen 127.0.0.1:%d: address already in use (EADDRINUSE)" % port,
              "It is held by ", "(pid %d)" % os.getpid())


@test("an address of another host: EADDRNOTAVAIL")
def not_ours():
    fails(shell.run("-e", "listen 192.0.2.1:0"), "listen 192.0.2.1:0", "EADDRNOTAVAIL",
          "not one of this host's")
    fails(shell.run("-e", "connect 127.0.0.1:1 from=192.0.2.1"), "connect from 192.0.2.1:0",
          "EADDRNOTAVAIL")


@test("a privileged port without the right: EACCES, and which right is missing")
def privileged():
    fails(in_network("", "-e", "listen 127.0.0.1:80",
                     wrap="setpriv --bounding-set -net_bind_service"),
          "listen 127.0.0.1:80: permission denied (EACCES)", "CAP_NET_BIND_SERVICE")


@test("no route: ENETUNREACH; a route that says unreachable: EHOSTUNREACH; prohibited: EACCES")
def no_route():
    fails(in_network("", "-e", "connect 10.9.0.2:80"),
          "connect 10.9.0.2:80: network is unreachable (ENETUNREACH)", "no route")
    fails(in_network("ip route add unreachable 10.9.0.0/24", "-e", "connect 10.9.0.2:80"),
          "connect 10.9.0.2:80: no route to host (EHOSTUNREACH)")
    fails(in_network("ip -6 route add unreachable fd09::/64", "-e", "connect [fd09::2]:80"),
          "connect [fd09::2]:80: no route to host (EHOSTUNREACH)")


# 10.9.0.2 is a neighbour that never answers.
BLACK_HOLE = """
ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:99 dev v0
echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
[ ! -e /proc/sys/net/ipv4/tcp_syn_linear_timeouts ] ||
	echo 0 >/proc/sys/net/ipv4/tcp_syn_linear_timeouts
"""


@test("a host that never answers: the timeout of the call, or ETIMEDOUT from the kernel")
def no_answer():
    fails(in_network(BLACK_HOLE, "-e", "connect 10.9.0.2:80 timeout=0.2"),
          "connect 10.9.0.2:80: not done within 200 ms (timeout); no answer to the SYN")
    fails(in_network(BLACK_HOLE, "-e", "connect 10.9.0.2:80 timeout=off"),
          "connect 10.9.0.2:80: connection timed out (ETIMEDOUT)", "nobody answered")


@test("a peer that vanished: retransmissions to be seen, ETIMEDOUT in send, recv, and for good")
def vanished():
    # Lua's own os.execute takes the peer's address away; its socket lives on, unreachable.
    with open("script.lua", "w", encoding="ascii") as f:
        f.write("""
local l = listen("10.9.0.2:0")
local c = connect(state(l, {full = true}).local_address, {from = "10.9.0.1"})
option(c, "user_timeout", 600)
assert(os.execute("ip addr del 10.9.0.2/32 dev lo"))
assert(send(c, "are you there?") == 14)
sleep(0.3)
local s = state(c, {full = true})
assert(s.state == "ESTABLISHED" and s.timer == "on" and s.sendq == 14, s.timer)
assert(s.total_retrans >= 1, s.total_retrans)
local data, e = try(recv, c)
assert(data == nil and e.code == "ETIMEDOUT", tostring(e))
data, e = try(recv, c)
assert(data == nil and e.code == "ETIMEDOUT", tostring(e))
data, e = try(recv, c, "line")
assert(data == nil and e.code == "ETIMEDOUT", tostring(e))
assert(state(c) == "CLOSED")
""")
    r = in_network(BLACK_HOLE + "ip addr add 10.9.0.2/32 dev lo\n", "script.lua")
    equal((r.status, r.err), (0, ""))


@test("where there is room for the listener alone, connect says that 1 socket is open")
def one_socket():
    said = []
    for n in range(4, 32):
        def few(n=n):
            resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))

        r = shell.run("-e", "listen 127.0.0.1:0", "-e", "connect(l1.port)", preexec_fn=few)
        said += [line for line in r.err.splitlines() if "error: connect" in line]
    contains("\n".join(said), ", with 1 socket open: too many open files (EMFILE)")


@test("descriptors run out: one message, alive, idle, and well again after close")
def descriptors():
    port = some_port()

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))

    process = subprocess.Popen([shell.TCPSTEP], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=few,
                               env=shell.environment(os.getcwd(), "xterm", "C.UTF-8", None))
    clients = []
    try:
        process.stdin.write(b"listen 127.0.0.1:%d backlog=1000\nprint('ready')\n" % port)
        process.stdin.flush()
        while process.stdout.readline() != b"ready\n":
            pass
        for _ in range(500):
            clients.append(connect(port))
        process.stdin.write(b"""n = 0; while true do s, e = try(accept); if not s then break end n = n + 1 end
print(n > 10, n < 32, e)
spawn(function() while true do accept(l1) end end)
sleep(0.1)
state l1
close s1 s2 s3
accept
print('done')
""")
        process.stdin.flush()
        out = b""
        while not out.endswith(b"done\n"):
            line = process.stdout.readline()
            if not line:
                break
            out += line
        before = cpu_seconds(process.pid)
        time.sleep(0.5)
        used = cpu_seconds(process.pid) - before
        alive = process.poll() is None
        rest, err = process.communicate(timeout=shell.PATIENCE)
    finally:
        process.kill()
        process.wait()
        for c in clients:
            c.close()
    text, err = out.decode(), err.decode()
    contains(text, "true\ttrue\taccept l1, with ")
    contains(text, "too many open files (EMFILE)")
    contains(text, "l1  LISTEN")
    contains(text, "/1000")
    contains(text, "done\n")
    equal((err.count("EMFILE"), err.count("error:"), alive), (2, 1, True), err)
    if used > 0.05:
        raise AssertionError("used %.2f s of CPU time in 0.5 s" % used)


@test("a closed listener resets those that wait in its queue")
def closed_listener():
    port = some_port()
    with shell.Pipe() as sh:
        sh.send_line("listen 127.0.0.1:%d" % port)
        sh.line()
        with connect(port) as c:
            sh.send_line("close l1")
            contains(sh.line(), "l1  LISTEN -> CLOSED")
            try:
                c.recv(1)
            except OSError as e:
                equal(e.errno, errno.ECONNRESET)
            else:
                raise AssertionError("no reset")
        equal(sh.finish().status, 0)


if __name__ == "__main__":
    main()
