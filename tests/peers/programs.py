"""programs.py - other people's programs at the other end: curl, nc, ncat, socat, redis, http.server."""
import hashlib
import os
import sys
import threading

from _peer import LOCAL, Program, Server, connect, data_of, need, read_all, script, some_port
import shell
from tap import contains, equal, main, test

BIG = (1 << 20) + 1

# Listens at a port of the kernel's choice, says which, and goes on with the code.
SERVER = """
local l = listen("127.0.0.1:0")
print(state(l, {full = true}).local_address:match("%%d+$"))
io.stdout:flush()
set("timeout", "20s")
%s
"""


class LuaServer(Program):
    def __init__(self, code):
        with open("server.lua", "w", encoding="utf-8") as f:
            f.write(SERVER % code)
        super().__init__(shell.TCPSTEP, "server.lua",
                         env=shell.environment(os.getcwd(), "xterm", "C.UTF-8", None))
        self.port = self.process.stdout.readline().decode().strip()

    def done(self):
        """Waits for its end without an error."""
        out = self.output().decode()
        equal((self.process.returncode, out), (0, out))


def sha(data):
    return len(data), hashlib.sha256(data).hexdigest()


@test("curl gets a page from an HTTP server in Lua")
def curl():
    need("curl")
    with LuaServer("""
local s = accept(l)
local request = recv(s, "until", "\\r\\n\\r\\n")
assert(request:match("^GET /page HTTP/1.1\\r\\n"))
local body = string.rep("body\\n", 100000)
send(s, "HTTP/1.1 200 OK\\r\\nContent-Length: " .. #body .. "\\r\\n\\r\\n" .. body)
assert(recv(s) == nil)
""") as server, Program("curl", "-s", "--noproxy", "*",
                        "http://127.0.0.1:%s/page" % server.port) as client:
        equal(sha(client.output()), sha(b"body\n" * 100000))
        server.done()


@test("curl posts a megabyte to an HTTP server in Lua")
def curl_post():
    need("curl")
    with open("big", "wb") as f:
        f.write(data_of(BIG))
    with LuaServer("""
local s = accept(l)
local request = recv(s, "until", "\\r\\n\\r\\n")
if request:find("100-continue", 1, true) then send(s, "HTTP/1.1 100 Continue\\r\\n\\r\\n") end
local n = tonumber(request:match("Content%-Length: (%d+)"))
local f <close> = io.open("got", "wb")
f:write(recv(s, "exactly", n))
send(s, "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
""") as server, Program("curl", "-s", "--noproxy", "*", "--data-binary", "@big",
                        "http://127.0.0.1:%s/" % server.port) as client:
        equal(client.output(), b"ok")
        server.done()
    with open("got", "rb") as f:
        equal(sha(f.read()), sha(data_of(BIG)))


@test("python's http.server is asked by hand")
def http_server():
    with open("page", "wb") as f:
        f.write(data_of(BIG))
    port = some_port()
    with Program(sys.executable, "-m", "http.server", "-b", LOCAL, str(port)) as server:
        server.listens(port)
        r = shell.run("-e", "connect %d" % port,
                      "-e", r'send "GET /page HTTP/1.0\r\n\r\n"',
                      "-e", "recv line", "-e", r'recv until "\r\n\r\n"',
                      "-e", "recv all file=got")
        equal((r.status, r.err), (0, ""))
        contains(r.out, 'c1  17 bytes  "HTTP/1.0 200 OK\\r\\n"')
        contains(r.out, "c1  1,048,577 bytes written to got")
    with open("got", "rb") as f:
        equal(sha(f.read()), sha(data_of(BIG)))


def sends_to(*argv):
    """The program connects to a Lua server and sends a file: every byte arrives."""
    need(argv[0])
    with open("in", "wb") as f:
        f.write(data_of(BIG))
    with LuaServer("assert(recv(accept(l), {file = 'got'}) == %d)" % BIG) as server:
        with open("in", "rb") as f, Program(
                *[a.replace("PORT", server.port) for a in argv], stdin=f) as client:
            server.done()
            client.output()
    with open("got", "rb") as f:
        equal(sha(f.read()), sha(data_of(BIG)))


def receives_from(*argv):
    """The program connects to a Lua server, which sends: every byte arrives."""
    need(argv[0])
    with open("in", "wb") as f:
        f.write(data_of(BIG))
    with LuaServer("local s = accept(l) send(s, {file = 'in'}) shutdown(s) recv(s) close(s)") as server:
        with Program(*[a.replace("PORT", server.port) for a in argv]) as client:
            equal(sha(client.output()), sha(data_of(BIG)))
            server.done()


def serves(*argv):
    """The program listens and sends back nothing: what tcpstep sends arrives at its stdout."""
    need(argv[0])
    with open("in", "wb") as f:
        f.write(data_of(BIG))
    port = some_port()
    with open("got", "wb") as got, Program(
            *[a.replace("PORT", str(port)) for a in argv], stdout=got) as server:
        server.listens(port)
        r = shell.run("-e", "connect %d" % port, "-e", "send c1 file=in", "-e", "shutdown c1",
                      "-e", "recv c1", "-e", "close c1")
        equal((r.status, r.err), (0, ""))
        contains(r.out, "c1  sent 1,048,577 bytes")
        contains(r.out, "c1  end of stream")
        server.output()
    with open("got", "rb") as f:
        equal(sha(f.read()), sha(data_of(BIG)))


for name_, to, from_, serve in (
        ("nc", ("nc", "-N", LOCAL, "PORT"), ("nc", "-d", LOCAL, "PORT"),
         ("nc", "-l", "-N", LOCAL, "PORT")),
        ("ncat", ("ncat", "--send-only", LOCAL, "PORT"), ("ncat", "--recv-only", LOCAL, "PORT"),
         ("ncat", "-l", LOCAL, "PORT")),
        ("socat", ("socat", "-u", "-", "TCP:127.0.0.1:PORT"),
         ("socat", "-u", "TCP:127.0.0.1:PORT", "-"),
         ("socat", "-u", "TCP-LISTEN:PORT,bind=127.0.0.1", "-"))):
    test("%s sends a file to tcpstep" % name_)(lambda a=to: sends_to(*a))
    test("%s receives a file from tcpstep" % name_)(lambda a=from_: receives_from(*a))
    test("%s listens, and tcpstep sends a file and half-closes" % name_)(lambda a=serve: serves(*a))


@test("an echo server in Lua serves a hundred clients at once")
def echo():
    with LuaServer("""
for _ = 1, 100 do
	spawn(function(s)
		for data in function() return recv(s) end do send(s, data) end
		close(s)
	end, accept(l))
end
wait()
""") as server:
        clients = [connect(int(server.port)) for _ in range(100)]
        threads = [threading.Thread(target=lambda c=c: (c.sendall(data_of(200000)),
                                                        c.shutdown(1))) for c in clients]
        for t in threads:
            t.start()
        for c in clients:
            equal(sha(read_all(c)), sha(data_of(200000)))
            c.close()
        for t in threads:
            t.join()
        server.done()


@test("redis-server: PING, SET and GET by hand")
def redis():
    need("redis-server")
    port = some_port()
    with Program("redis-server", "--bind", LOCAL, "--port", str(port), "--save", "",
                 "--daemonize", "no", "--dir", os.getcwd()) as server:
        server.listens(port)
        r = shell.run(input="""connect 127.0.0.1:%d
send "PING\\r\\n"
recv line
send "*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$6\\r\\n\\u{4f60}\\u{597d}\\r\\n"
recv line
send "GET k\\r\\n"
recv line
recv exactly 8
send "QUIT\\r\\n"
recv line
recv c1
""" % port)
        equal((r.status, r.err), (0, ""))
        for part in (r'c1  7 bytes  "+PONG\r\n"', r'c1  5 bytes  "+OK\r\n"',
                     r'c1  4 bytes  "$6\r\n"', r'c1  8 bytes  "你好\r\n"', "c1  end of stream"):
            contains(r.out, part)


@test("an IPv6 peer in python3")
def ipv6():
    server = Server(lambda conn: conn.sendall(b"six"), host="::1")
    r = script('c = connect(arg[1]) assert(recv(c, "all") == "six")', server.address)
    equal((r.status, r.err), (0, ""))


@test("a name of /etc/hosts is looked up")
def name():
    server = Server(lambda conn: conn.sendall(b"by name"))
    r = shell.run("-e", "connect localhost:%d" % server.port, "-e", "recv c1")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "127.0.0.1:%d" % server.port)


@test("a dual-stack listener takes IPv4 and IPv6, and shows each as what it is")
def dual():
    r = script("""
local l = listen("[::]:0")
local port = state(l, {full = true}).local_address:match("%d+$")
local c4, c6 = connect("127.0.0.1:" .. port), connect("[::1]:" .. port)
local s4, s6 = accept(l), accept(l)
print(s4) print(s6) print(c4) print(c6)
assert(state(s4) == "ESTABLISHED" and state(s6) == "ESTABLISHED")
close(s4) close(s6)
recv(c4) recv(c6)
for _, s in ipairs(state()) do print(s.name, s.state, s.local_address) end
""")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "s1 ESTABLISHED 127.0.0.1:")
    contains(r.out, "s2 ESTABLISHED [::1]:")
    contains(r.out, "s1\tFIN_WAIT_")
    contains(r.out, "s2\tFIN_WAIT_")


if __name__ == "__main__":
    main()
