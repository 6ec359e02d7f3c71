"""states.py - what state and the trails say, beside what the kernel and the peer really did."""
import re
import socket
import subprocess

from _peer import (LOCAL, Server, connect, free_port, in_network, need, read_all, reset, script,
                   some_port)
import shell
from tap import contains, equal, lacks, main, test

MODES = {
    "recv N": "10, {timeout = 0.1}",
    "recv exactly": "'exactly', 10, {timeout = 0.1}",
    "recv line": "'line', {timeout = 0.1}",
    "recv until": "'until', '::', {timeout = 0.1}",
    "recv all": "'all', {timeout = 0.1}",
}


def check_timeout(args):
    """The kernel's queue is as it was, and closing now sends RST, as for bytes never read."""
    got = []

    def serve(conn):
        conn.sendall(b"half ")
        try:
            got.append(read_all(conn))
        except ConnectionResetError:
            got.append("reset")

    server = Server(serve)
    r = script("""
local c = connect(arg[1])
recv(c, 1, {peek = true})
local _, e = try(recv, c, %s)
assert(e.code == "timeout" and e.message:find("nothing was consumed"), e.message)
assert(e.message:find("5 bytes are there"), e.message)
local s = state(c, {full = true})
assert(s.recvq == 5 and not s.unread, s.recvq)
close(c)
""" % args, server.address)
    equal((r.status, r.err), (0, ""))
    server.result()
    equal(got, ["reset"])


for mode_, args_ in MODES.items():
    if mode_ != "recv N":
        test("a timed-out %s leaves the kernel's queue as it was" % mode_)(
            lambda a=args_: check_timeout(a))


@test("a recv N that times out has nothing to leave")
def recv_n():
    server = Server(lambda conn: conn.recv(1))
    r = script("""
local c = connect(arg[1])
local _, e = try(recv, c, 10, {timeout = 0.05})
assert(e.code == "timeout" and e.message:find("nothing was consumed"), e.message)
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("what a timed-out recv has seen comes whole with the next, in every mode")
def next_gets_all():
    def serve(conn):
        for _ in range(3):
            conn.sendall(b"first ")
            conn.recv(1)
            conn.sendall(b"second\n")
            conn.recv(1)

    server = Server(serve)
    r = script("""
local c = connect(arg[1])
for _, how in ipairs{ {"line"}, {"exactly", 13}, {"until", "d\\n"} } do
	local _, e = try(recv, c, how[1], how[2], {timeout = 0.1})
	assert(e.code == "timeout")
	send(c, "x")
	assert(recv(c, how[1], how[2]) == "first second\\n")
	send(c, "x")
end
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("end of stream before the piece is whole is an error of its own, and the rest is still there")
def cut_short():
    server = Server(lambda conn: conn.sendall(b"rest"), times=3)
    r = script("""
for _, how in ipairs{ {"line"}, {"exactly", 5}, {"until", "::"} } do
	local c <close> = connect(arg[1])
	local _, e = try(recv, c, how[1], how[2])
	assert(e.code == "eof" and e.message:find("end of stream before"), e.message)
	assert(recv(c) == "rest")
	assert(recv(c, how[1], how[2]) == nil)
end
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("an urgent byte does not stop recv exactly, line and until for ever")
def urgent():
    def serve(conn):
        conn.send(b"abc")
        conn.send(b"!", socket.MSG_OOB)
        conn.send(b"def\n")
        conn.recv(1)

    server = Server(serve)
    r = script("""
local c = connect(arg[1])
assert(recv(c, "line") == "abcdef\\n")
""", server.address)
    equal((r.status, r.err), (0, ""))


def timeless(text):
    """Without the times at the ends of lines, which stand there when it took more than 1 ms."""
    return re.sub(r"  [0-9.]+ m?s$", "", text, flags=re.M)


@test("closing first: FIN_WAIT_1 to TIME_WAIT here, CLOSE_WAIT to CLOSED there")
def trails():
    r = shell.run(input="""listen 127.0.0.1:0
c = connect(state(l1, {full = true}).local_address)
accept
close c1
recv s1
close s1
state
""")
    equal((r.status, r.err), (0, ""))
    contains(r.out, "c1  ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2")
    contains(r.out, "s1  ESTABLISHED -> CLOSE_WAIT  (peer sent FIN")
    contains(r.out, "s1  CLOSE_WAIT -> LAST_ACK -> CLOSED")
    contains(timeless(r.out), "c1  FIN_WAIT_2 -> TIME_WAIT")
    equal(bool(re.search(r"^c1 +TIME_WAIT .* (60|59) s left$", r.out, re.M)), True, r.out)


@test("states too short to be seen are marked inferred in --json")
def inferred():
    with shell.Pipe("--json") as sh:
        sh.send_line("listen 127.0.0.1:0")
        address = sh.event(command="listen")["local_address"]
        sh.send_line("connect " + address)
        got = sh.event(command="connect")["trail"]
        equal([s["state"] for s in got], ["CLOSED", "SYN_SENT", "ESTABLISHED"])
        equal([s.get("inferred", False) for s in got], [False, True, False])
        equal(sh.finish().status, 0)


@test("a RST shows no state that was not there")
def rst_trail():
    server = Server(lambda conn: (conn.recv(1), reset(conn)))
    with shell.Pipe("--json") as sh:
        sh.send_line("connect " + server.address)
        sh.event(command="connect")
        sh.send_line('send c1 "x"')
        # With the result when it came so early, else as an event.
        got = sh.event(socket="c1")
        if "trail" not in got:
            got = sh.event(event="state", socket="c1")
            equal(got["reason"], "peer sent RST")
        equal([s["state"] for s in got["trail"]], ["ESTABLISHED", "CLOSED"])
        equal(sh.finish().status, 0)


@test("a connection that the server has not completed is SYN_RCVD, under its listener")
def syn_rcvd():
    r = script("""
local l = listen("127.0.0.1:0")
option(l, "defer_accept", 5)
local c = connect(state(l, {full = true}).local_address)
local found
for _, s in ipairs(state()) do if s.name == "(l1)" then found = s end end
assert(found.state == "SYN_RCVD", found.state)
assert(state(c) == "ESTABLISHED")
assert(state(l, {full = true}).queue == 0)
send(c, "x")
assert(recv(accept(l)) == "x")
for _, s in ipairs(state()) do assert(s.name ~= "(l1)") end
""")
    equal((r.status, r.err), (0, ""))


@test("connections that wait for accept stand under their listener, CLOSE_WAIT ones too")
def not_accepted():
    with shell.Pipe() as sh:
        port = some_port()
        sh.send_line("listen 127.0.0.1:%d backlog=7" % port)
        sh.line()
        with connect(port) as a, connect(port) as b:
            b.shutdown(socket.SHUT_WR)
            a.sendall(b"12345")
            sh.send_line("state")
            lines = [sh.line() for _ in range(4)]
            equal(lines[1].split(), ["l1", "LISTEN", "127.0.0.1:%d" % port, "-", "2/7", "-", "-"])
            rows = sorted(line.split() for line in lines[2:])
            equal([(r[0], r[1]) for r in rows], [("(l1)", "CLOSE_WAIT"), ("(l1)", "ESTABLISHED")])
            equal(rows[1][4], "5")
        equal(sh.finish().status, 0)


@test("listeners on one port, each with its address, show their own connections only")
def same_port():
    port = some_port()
    r = script("""
local port = arg[1]
listen("127.0.0.1:" .. port) listen("127.0.0.2:" .. port) listen("[::1]:" .. port)
connect("127.0.0.2:" .. port) connect("[::1]:" .. port)
for _, s in ipairs(state()) do if s.name:find("(", 1, true) then print(s.name, s.local_address) end end
""", port)
    equal((r.status, r.err), (0, ""))
    equal(r.out, "(l2)\t127.0.0.2:%d\n(l3)\t[::1]:%d\n" % (port, port))


@test("FIN_WAIT_2 is forgotten when the kernel forgets it, and not before")
def forgotten():
    with open("script.lua", "w", encoding="ascii") as f:
        f.write("""
local l = listen("127.0.0.1:0")
local c = connect(state(l, {full = true}).local_address)
local s = accept(l)
close(c)
sleep(0.1)
assert(state(c) == "FIN_WAIT_2", state(c))
assert(#state() == 3)
sleep(1.5)
assert(state(c) == "CLOSED", state(c))
for _, r in ipairs(state()) do assert(r.name ~= "c1") end
assert(state(s) == "CLOSE_WAIT")
""")
    r = in_network("echo 1 >/proc/sys/net/ipv4/tcp_fin_timeout", "script.lua")
    equal((r.status, r.err), (0, ""))


@test("connecting again with from= works in TIME_WAIT, and the old name says CLOSED")
def time_wait_again():
    port = some_port()
    r = script("""
local l = listen("127.0.0.1:0")
local address = state(l, {full = true}).local_address
local c = connect(address, {from = arg[1]})
local s = accept(l)
close(c)
recv(s)
close(s)
assert(state(c) == "TIME_WAIT", state(c))
local d, e = try(connect, address, {from = arg[1]})
assert(d or e.code == "EADDRNOTAVAIL" and e.hint:find("TIME_WAIT"), tostring(e))
sleep(1.1) -- a later timestamp than the old connection's
d = d or connect(address, {from = arg[1]})
assert(state(d) == "ESTABLISHED")
assert(state(c) == "CLOSED", state(c))
""", "127.0.0.1:%d" % port)
    equal((r.status, r.err), (0, ""))


@test("a socket that connects to itself is in both roles, and is shown so")
def self_connect():
    port, keep = free_port()
    keep.close()
    r = shell.run(input="connect 127.0.0.1:%d from=127.0.0.1:%d\nsend \"me\"\nrecv\nclose\nstate\n"
                  % (port, port))
    equal((r.status, r.err), (0, ""))
    contains(r.out, 'c1  2 bytes  "me"')
    contains(r.out, "-> TIME_WAIT")


@test("state all=yes lists what ss lists")
def all_sockets():
    need("ss")
    with connect(Server(lambda conn: conn.recv(1)).port) as c:
        ours = "%s:%d" % c.getsockname()
        r = shell.run("-e", "state all=yes")
        equal((r.status, r.err), (0, ""))
        contains(r.out, ours)
        ss = subprocess.run(["ss", "-tanH"], stdout=subprocess.PIPE, check=True).stdout.decode()
        contains(ss, ours)


@test("state all=yes and ss agree socket by socket, in a network of their own")
def all_agree():
    with open("script.lua", "w", encoding="ascii") as f:
        f.write("""
local l, m = listen("127.0.0.1:0", {backlog = 3}), listen("[::]:0")
local c = connect(state(l, {full = true}).local_address)
local d = connect("127.0.0.1:" .. state(m, {full = true}).local_address:match("%d+$"))
send(c, "12345")
local e = accept(m)
close(e)
recv(d)
while state(e) == "FIN_WAIT_1" do sleep(0.01) end
local names = { ESTABLISHED = "ESTAB", CLOSE_WAIT = "CLOSE-WAIT", FIN_WAIT_2 = "FIN-WAIT-2",
	LISTEN = "LISTEN" }
local ours, theirs = {}, {}
for _, s in ipairs(state{all = true}) do
	ours[#ours + 1] = ("%s %d %s"):format(names[s.state], s.recvq or s.queue,
		s.local_address:gsub("0%.0%.0%.0", "0.0.0.0"))
end
for line in io.popen("ss -tanH"):lines() do
	local state, recvq, where = line:match("^(%S+)%s+(%d+)%s+%d+%s+(%S+)")
	theirs[#theirs + 1] = ("%s %s %s"):format(state, recvq,
		(where:gsub("^%*", "[::]"):gsub("%[::ffff:([%d.]+)%]", "%1")))
end
table.sort(ours) table.sort(theirs)
print(table.concat(ours, "\\n")) print("--") print(table.concat(theirs, "\\n"))
assert(#ours == 6)
assert(table.concat(ours, "\\n") == table.concat(theirs, "\\n"))
""")
    need("ss")
    r = in_network("", "script.lua")
    equal((r.status, r.err), (0, ""), r.out)


@test("closing a listener tells of the connections in its queue, under the same command")
def closed_queue():
    r = shell.run(input="""listen 127.0.0.1:0
c = connect(state(l1, {full = true}).local_address)
close l1
print("after")
""")
    equal((r.status, r.err), (0, ""))
    contains(timeless(r.out), "l1  LISTEN -> CLOSED\n    c1  ESTABLISHED -> CLOSED  (peer sent RST)\nafter\n")


@test("abort says RST sent only where one is: not in SYN_SENT, not when it is CLOSED")
def abort_states():
    r = in_network("""ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:99 dev v0""", input="""connect 10.9.0.2:80 &
sleep 0.05
abort c1
state
listen 127.0.0.1:0
c = connect(state(l1, {full = true}).local_address)
accept
abort c
abort s1
""")
    out = timeless(r.out)
    contains(out, "c1  SYN_SENT -> CLOSED\n")
    contains(out, "no sockets;")
    contains(out, "ESTABLISHED -> CLOSED  (RST sent)\n    s1  ESTABLISHED -> CLOSED  (peer sent RST)\n"
                  "s1  CLOSED\n")
    contains(r.err, "the socket was closed meanwhile; no answer to the SYN came")


@test("a socket closed by one task ends the wait of another, with a reason")
def closed_meanwhile():
    server = Server(lambda conn: conn.recv(1), times=2)
    r = script("""
for _, stop in ipairs{ close, abort } do
	local c = connect(arg[1])
	local t = spawn(recv, c, "line")
	sleep(0.01)
	stop(c)
	local ok, e = try(wait, t)
	assert(not ok and e.code == "closed" and e.message:find("closed meanwhile"), tostring(e))
end
local l = listen("127.0.0.1:0")
local t = spawn(accept, l)
sleep(0.01)
close(l)
local _, e = try(wait, t)
assert(e.code == "closed", tostring(e))
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("peers' deeds are told as events: data, FIN, connections, RST")
def events():
    port = some_port()
    with shell.Pipe("--json") as sh:
        sh.send_line("listen 127.0.0.1:%d" % port)
        sh.event(command="listen")
        with connect(port) as c:
            equal(sh.event(event="queue")["waiting"], 1)
            sh.send_line("accept")
            sh.event(command="accept")
            c.sendall(b"hello")
            equal(sh.event(event="data", socket="s1")["bytes"], 5)
            c.shutdown(socket.SHUT_WR)
            equal(sh.event(event="state", socket="s1")["state"], "CLOSE_WAIT")
            reset(c)
            equal(sh.event(event="state", socket="s1")["state"], "CLOSED")
        equal(sh.finish().status, 0)


if __name__ == "__main__":
    main()
