"""sizes.py - every byte arrives, at sizes around the limits of buffers, both ways, in every mode."""
import hashlib
import os
import resource
import threading

from _peer import Server, data_of, read_all, script, wait_until
from tap import equal, main, test

SIZES = [0, 1, 1023, 1024, 1025, 65535, 65536, 65537, 131072, 1 << 20, (4 << 20) + 1]


def digest(data):
    return len(data), hashlib.sha256(data).hexdigest()


def file_digest(name):
    with open(name, "rb") as f:
        return digest(f.read())


# Each of these reads one whole connection c of n bytes into the string (or file) of the number i.
RECEIVE = {
    "recv": "data = {} for part in function() return recv(c) end do data[#data + 1] = part end",
    "recv N": "data = {} for part in function() return recv(c, 1000) end do"
              " assert(#part <= 1000) data[#data + 1] = part end",
    "recv exactly N": "data = {n > 0 and recv(c, 'exactly', n) or nil} assert(not recv(c))",
    "recv all": "data = {recv(c, 'all')}",
    "recv all after a look at all": "assert(n == 0 or #recv(c, 'all', {peek=true}) == n)"
                                    " data = {recv(c, 'all')}",
    "recv file=": "assert(recv(c, {file = 'out' .. i}) == n) data = nil",
    "recv N file=": "assert(n == 0 or recv(c, n, {file = 'out' .. i}) == n) data = {}"
                    " if n > 0 then data = nil end assert(not recv(c))",
    "recv in bytes of different sizes":
        "data = {} local k = 1 while true do local part = recv(c, k) if not part then break end"
        " data[#data + 1] = part k = k * 3 % 70001 end",
}

READER = """
local sizes = { %s }
for i, n in ipairs(sizes) do
	local c <close> = connect(arg[1], {timeout = 20})
	local data
	set("timeout", "20s")
	%s
	if data then
		local f <close> = io.open("out" .. i, "wb")
		f:write(table.concat(data))
	end
end
"""


def receives(code, sizes=SIZES, make=data_of):
    sent = iter([make(n) for n in sizes])
    server = Server(lambda conn: conn.sendall(next(sent)), times=len(sizes))
    r = script(READER % (", ".join(map(str, sizes)), code), server.address)
    equal((r.status, r.err), (0, ""))
    server.result()
    for i, n in enumerate(sizes, 1):
        equal(file_digest("out%d" % i), digest(make(n)), "%d bytes" % n)


def add_receive(mode, code):
    test("%s loses no byte at any size" % mode)(lambda: receives(code))


for mode_, code_ in RECEIVE.items():
    add_receive(mode_, code_)


def with_mark(mark):
    return lambda n: data_of(n - len(mark)) + mark


@test("recv line takes lines of every length")
def lines():
    receives("data = {recv(c, 'line')} assert(not recv(c))", SIZES[1:], with_mark(b"\n"))


@test("recv until takes pieces of every length, with the delimiter whole")
def until():
    receives("data = {recv(c, 'until', '\\r\\n\\0')} assert(not recv(c))", SIZES[2:],
             with_mark(b"\r\n\0"))


@test("many lines in one segment come one by one, and the rest stays")
def many_lines():
    server = Server(lambda conn: conn.sendall(b"".join(b"line %d\n" % i for i in range(5000)) +
                                              b"tail"))
    r = script("""
local c = connect(arg[1])
for i = 0, 4999 do assert(recv(c, "line") == "line " .. i .. "\\n") end
assert(recv(c, "all") == "tail")
""", server.address)
    equal((r.status, r.err), (0, ""))


SEND = {
    "send": "send(c, data)",
    "send in pieces": "for k = 1, #data, 700 do send(c, data:sub(k, k + 699)) end",
    "send file=": "assert(send(c, {file = 'in' .. i}) == n)",
    "send hex=": "if n <= 65537 then send(c, {hex = data:gsub('.', function(b)"
                 " return ('%02x '):format(b:byte()) end)}) else send(c, data) end",
}

WRITER = """
local sizes = { %s }
for i, n in ipairs(sizes) do
	local c <close> = connect(arg[1], {timeout = 20})
	set("timeout", "20s")
	local f <close> = io.open("in" .. i, "rb")
	local data = f:read("a")
	%s
end
"""


def sends(code, slow=False):
    got = []

    def serve(conn):
        if slow:
            conn.recv(1)
            conn.recv(1)
        got.append(digest(read_all(conn)))

    for i, n in enumerate(SIZES, 1):
        with open("in%d" % i, "wb") as f:
            f.write(data_of(n))
    server = Server(serve, times=len(SIZES), rcvbuf=4096 if slow else 0)
    r = script(WRITER % (", ".join(map(str, SIZES)), code), server.address)
    equal((r.status, r.err), (0, ""))
    server.result()
    equal(got, [digest(data_of(n)[2 if slow else 0:]) for n in SIZES])


def add_send(mode, code):
    test("%s loses no byte at any size" % mode)(lambda: sends(code))
    test("%s loses no byte to a reader with a small window" % mode)(lambda: sends(code, True))


for mode_, code_ in SEND.items():
    add_send(mode_, code_)


@test("send file= takes a FIFO to its end, also when its writer comes later")
def fifo():
    os.mkfifo("pipe")
    server = Server(read_all)

    def write():
        wait_until(lambda: os.path.exists("ready"), "the script")
        with open("pipe", "wb") as f:
            f.write(data_of(300000))

    threading.Thread(target=write, daemon=True).start()
    r = script("""
local c = connect(arg[1])
local t = spawn(send, c, {file = "pipe", timeout = 20})
sleep(0.05)
io.open("ready", "w"):close()
assert(wait(t) == 300000)
""", server.address)
    equal((r.status, r.err), (0, ""))
    equal(digest(server.result()), digest(data_of(300000)))


@test("both ends in one script: 8 MB there and back, in turns of the loop")
def both_ends():
    r = script("""
local l = listen("127.0.0.1:0")
local c = connect(state(l, {full = true}).local_address)
local s = accept(l)
local data = string.rep("0123456789abcdef", 1 << 19)
local t = spawn(function() local x = recv(s, "exactly", #data) send(s, x) end)
local u = spawn(send, c, data)
assert(recv(c, "exactly", #data) == data)
wait(u) wait(t)
""")
    equal((r.status, r.err), (0, ""))


@test("a small receive buffer is no obstacle to recv exactly and recv line")
def small_buffer():
    server = Server(lambda conn: conn.sendall(data_of(50000) + b"\n" + data_of(60000)))
    r = script("""
local c = connect(arg[1])
option(c, "rcvbuf", 2304)
assert(#recv(c, "line") == 50001)
assert(#recv(c, "exactly", 60000) == 60000)
""", server.address)
    equal((r.status, r.err), (0, ""))


@test("waiting for a long piece in a small buffer costs no CPU time")
def small_buffer_idle():
    def serve(conn):
        conn.sendall(data_of(20000))
        conn.recv(1)

    server = Server(serve)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    r = script("""
local c = connect(arg[1])
option(c, "rcvbuf", 2304)
local _, e = try(recv, c, "exactly", 30000, {timeout = 1})
assert(e.code == "timeout", e.message)
assert(#recv(c, "exactly", 20000) == 20000)
""", server.address)
    equal((r.status, r.err), (0, ""))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if used > 0.6:
        raise AssertionError("used %.2f s of CPU time in 1 s of waiting" % used)


if __name__ == "__main__":
    main()
