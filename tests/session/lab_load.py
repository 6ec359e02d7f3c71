"""lab_load.py - load: captures at the prompt, ours and others', whole and damaged."""
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from lab import need_lab
from shell import run
from tap import contains, equal, lacks, main, test


def do(*lines):
    return run(*[w for line in lines for w in ("-e", line)])


def packet(src, dst, seq, ack, flags, data=b""):
    """An IPv4 packet with a TCP segment in it, without checksums."""
    tcp = struct.pack("!HHIIBBHHH", src, dst, seq, ack, 0x50, flags, 1000, 0, 0) + data
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0,
                       bytes([127, 0, 0, 1 if src > dst else 2]),
                       bytes([127, 0, 0, 1 if src < dst else 2])) + tcp


def pcap(name, packets, snaplen=65535):
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snaplen, 101))
        for i, p in enumerate(packets):
            f.write(struct.pack("<IIII", 1000 + i, 0, min(len(p), snaplen), len(p)) + p[:snaplen])


def handshake(name):
    pcap(name, [packet(4000, 80, 100, 0, 2), packet(80, 4000, 300, 101, 18),
                packet(4000, 80, 101, 301, 16), packet(4000, 80, 101, 301, 24, b"hello")])


@test("what save wrote comes back with its names and states, and ladder draws the same")
def ours():
    need_lab()
    lines = ["lab", "server listen 80", "client connect server:80", "save a.pcapng"]
    drawn = do(*lines, "lab off", "load a.pcapng", "ladder")
    equal(drawn.status, 0, drawn.err)
    before = do("load a.pcapng", "save b.txt", "ladder").out.split("\n", 2)[2]
    contains(drawn.out, before)
    contains(before, "SYN_SENT     |--- #1 SYN seq=0 ")
    contains(before, "client 10.77.0.1:")


@test("what was typed is told with the segment that it sent, also after save and load")
def typed():
    need_lab()
    lines = ["lab", "server listen 80", "client connect server:80", "server accept", "client.c1 abort",
             "save typed.pcapng"]
    cause = "The command: abort client.c1."
    told = do(*lines, "explain last=1", "ladder")
    contains(told.out.replace("\n    ", " "), cause)
    lacks(told.out, "line ")
    contains(do("load typed.pcapng", "explain last=1").out.replace("\n    ", " "), cause)
    # What failed at once sent nothing.
    lacks(do("lab", "try(connect, client, 'server:0')", "save failed.json").out, "error")
    with open("failed.json") as f:
        lacks(f.read(), "command")


@test("a packet of ours that is not even TCP has its number again")
def malformed():
    need_lab()
    ghost = "inject from 10.77.0.9:4000 to server:80 S 0:0(0)"
    got = do("lab", "server listen 80", ghost + " iplen=5", ghost + " cut=13", "save m.pcapng",
             "lab off", "load m.pcapng", "explain #1", "show #2")
    equal((got.status, got.err), (0, ""))
    lacks(got.out, "note:")
    contains(got.out, "m.pcapng  2 segments of 1 connection\n#1 ")
    contains(got.out, "IPv4 packet that ends\n    inside its header. Made by hand")
    contains(got.out, "TCP header cut short")


@test("ladder, explain and show work on a capture of others")
def others():
    handshake("a.pcap")
    got = do("load a.pcap", "ladder", "explain #2", "show #4")
    equal(got.status, 0, got.err)
    contains(got.out, "a.pcap  4 segments of 1 connection\n")
    contains(got.out, "#4 PSH,ACK s=1 len=5 \"hello\"")
    contains(got.out, "#2  127.0.0.2 -> 127.0.0.1  Second handshake: SYN=1, ACK=1, ack=X+1=1")
    contains(got.out, "127.0.0.1:4000 -> 127.0.0.2:80   len 5")


def two_connections(name):
    pcap(name, [packet(4000, 80, 100, 0, 2), packet(4001, 80, 200, 0, 2), packet(80, 4000, 300, 101, 18),
                packet(80, 4001, 400, 201, 20), packet(4000, 80, 101, 301, 16)])


@test("a connection of a capture is chosen by an end or both, in any words")
def chosen():
    two_connections("two.pcap")
    for words in ("127.0.0.1:4000", ":4000", "127.0.0.1:4000 > 127.0.0.2:80", "127.0.0.2:80 127.0.0.1:4000",
                  "127.0.0.2->:4000"):
        for command in ("ladder", "explain"):
            got = do("load two.pcap", command + " " + words)
            equal((got.status, got.err), (0, ""), command + " " + words)
            for number, there in ((1, True), (2, False), (3, True), (4, False), (5, True)):
                equal("#%d " % number in got.out, there, "%s %s: #%d" % (command, words, number))
    contains(do("load two.pcap", "ladder 4001").out, "#4 RST,ACK")
    contains(do("load two.pcap", "ladder :80").out, "#5 ACK")
    contains(do("load two.pcap", "explain last=1 :4001").out, "#4  127.0.0.2:80 -> 127.0.0.1:4001  RST=1")
    contains(do("load two.pcap", "explain 4001").err, "The last one is #5. A port is written :4001.")
    equal(do("load two.pcap", "print(ladder('127.0.0.1:4001') == ladder(4001))").out.split()[-1], "true")


@test("an end that is not in the capture is an error that names the connections there are")
def not_there():
    two_connections("two.pcap")
    there = "There are 127.0.0.1:4000 > 127.0.0.2:80, 127.0.0.1:4001 > 127.0.0.2:80."
    for words, why in ((":81", "no connection with :81 is in the trace"),
                       ("10.0.0.1", "no connection with 10.0.0.1 is in the trace"),
                       ("client", '"client" is no host of the trace, and no address'),
                       (":1 :2 :3", 'a connection has two ends, and ":3" is one more'),
                       ("1.2.3.4:99999", "port"), ('""', "an end is expected")):
        for command in ("ladder", "explain"):
            got = do("load two.pcap", command + " " + words)
            equal(got.status, 1, words)
            contains(got.err, command + ": ")
            contains(got.err, why)
            contains(got.err, there)


@test("trace takes conditions on a capture, too, and ends among them")
def conditions():
    two_connections("two.pcap")
    for words, numbers in (("SYN", "12"), ("SYN,ACK", "3"), ("127.0.0.1:4000", "135"), (":4001", "24"),
                           ("127.0.0.1:4000 > 127.0.0.2:80", "15"), ("from 127.0.0.2", "34"), ("to :4001", "4"),
                           ("port = 4001 and RST", "4"), ("filter tcp port 4001", "24")):
        got = do("load two.pcap", "for _, s in ipairs(trace('%s')) do print(s.number) end" % words)
        equal((got.err, "".join(got.out.split("\n")[1:])), ("", numbers), words)
    contains(do("load two.pcap", "trace from here").err, 'a host, or an address and port is expected, not "here"')


@test("both ends on one host are told apart by their ports")
def one_host():
    """Loopback's: the sums do not matter in a capture."""
    talk = [packet(4000, 80, 100, 0, 2), packet(80, 4000, 300, 101, 18)]
    pcap("lo.pcap", [p[:12] + bytes([127, 0, 0, 1]) * 2 + p[20:] for p in talk])
    got = do("load lo.pcap", "trace", "explain")
    contains(got.out, "#1  127.0.0.1:4000 -> 127.0.0.1:80 ")
    contains(got.out, "#2  127.0.0.1:80 -> 127.0.0.1:4000 ")
    contains(got.out.replace("\n    ", " "), "127.0.0.1:4000 asks 127.0.0.1:80 for a connection")


@test("in Lua load gives the count, and show the fields of a segment")
def lua():
    handshake("a.pcap")
    got = do("here:load('a.pcap')", "show('#4').data", "show(1).flags")
    equal((got.status, got.out), (0, '4\n"hello"\n"SYN"\n'))


@test("each load takes the place of the last, and a lab of all")
def replaced():
    need_lab()
    handshake("a.pcap")
    pcap("b.pcap", [packet(4000, 80, 7, 0, 2)])
    contains(do("load a.pcap", "load b.pcap", "show").out, "#1  SYN")
    contains(do("load b.pcap", "save b.pcapng").out, "b.pcapng  1 packet\n")
    got = do("load a.pcap", "lab", "lab off", "ladder")
    contains(got.err, "ladder: there is no lab, so nothing was traced")
    contains(do("lab", "load a.pcap").err, "load: there is a lab")


@test("a file that ends in the middle gives what came before, and says where it ends")
def cut():
    handshake("a.pcap")
    with open("a.pcap", "rb") as f:
        whole = f.read()
    with open("cut.pcap", "wb") as f:
        f.write(whole[:-3])
    got = do("load cut.pcap", "ladder")
    equal(got.status, 0)
    contains(got.out, "note: cut.pcap: packet at byte ")
    contains(got.out, "#3 ACK a=1")


@test("a capture with a short snaplen gives conversations, and what is missing is told")
def snaplen():
    talk = [packet(4000, 80, 100, 0, 2), packet(80, 4000, 300, 101, 18),
            packet(4000, 80, 101, 301, 16), packet(4000, 80, 101, 301, 24, b"a" * 1000),
            packet(80, 4000, 301, 1101, 16), packet(4000, 80, 1101, 301, 17)]
    # As network cards that divide segments leave it: the length is not filled in.
    talk[3] = talk[3][:2] + b"\0\0" + talk[3][4:]
    pcap("short.pcap", talk, snaplen=82)
    got = do("load short.pcap", "ladder", "explain #4", "explain #5", "show #4", "save short.pcapng",
             "load short.pcapng", "show #4")
    equal(got.status, 0, got.err)
    contains(got.out, "short.pcap  6 segments of 1 connection; 1 segment was captured in part\n")
    contains(got.out, "#4 PSH,ACK s=1 len=1000 ")
    contains(got.out, "Carries 1000 bytes, 1 to 1000")
    contains(got.out, "The last 958 of them were")
    contains(got.out, "#5  127.0.0.2 -> 127.0.0.1  Acknowledges bytes up to 1000")
    contains(got.out, "the last 958 bytes of it were not captured")
    contains(got.out, "short.pcapng  6 segments of 1 connection; 1 segment was captured in part\n")
    equal(got.out.count("the last 958 bytes of it were not captured"), 2)
    got = run("-e", 'here:load("short.pcap")', "-e", "print(show(4).len)", "-e", "print(show(4).data_cut)",
              "-e", "print(#show(4).data)", "-e", "print(show(4).checksum_ok)", "-e", "print(show(4).fault)")
    equal([x for x in got.out.split("\n") if x][-5:], ["1000", "958", "42", "nil", "nil"])


@test("what is no TCP segment is counted with the reason")
def reasons():
    udp = bytearray(packet(53, 53, 0, 0, 0))
    udp[9] = 17
    pcap("mixed.pcap", [bytes(udp), packet(4000, 80, 100, 0, 2), bytes(udp), b"\0" * 20])
    contains(do("load mixed.pcap").out,
             "mixed.pcap  1 segment of 1 connection; 3 packets are no TCP segment\n"
             "    left out: UDP, not TCP (2); neither IPv4 nor IPv6 (1)\n")


@test("a packet that two interfaces have shown is taken once, which is told")
def two_interfaces():
    def block(kind, body):
        return struct.pack("=II", kind, 12 + len(body)) + body + struct.pack("=I", 12 + len(body))
    frame = packet(4000, 80, 100, 0, 2)
    with open("two.pcapng", "wb") as f:
        f.write(block(0x0a0d0d0a, struct.pack("=IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for _ in range(2):
            f.write(block(1, struct.pack("=HHI", 101, 0, 0)))
        for interface in range(2):
            f.write(block(6, struct.pack("=IIIII", interface, 0, interface, 40, 40) + frame))
    contains(do("load two.pcapng").out,
             "two.pcapng  1 segment of 1 connection; 1 packet was captured on two interfaces and taken once\n")


@test("what is no capture is an error that names the file")
def errors():
    os.mkdir("folder")
    os.mkfifo("fifo")
    with open("text", "w") as f:
        f.write("nothing of the kind\n")
    os.symlink("loop", "loop")
    for path, why in (("text", "text: neither pcap nor pcapng"),
                      ("none", "open none: no such file"),
                      ("folder", "open folder: is a directory"),
                      ("loop", "open loop: too many levels of symbolic links (ELOOP)"),
                      ("fifo", "fifo is no regular file")):
        got = do("load " + path)
        equal(got.status, 1, path)
        contains(got.err, why)
        for topic in re.findall("More: (.*)", got.err):
            equal(do(topic).status, 0, topic)


if __name__ == "__main__":
    main()
