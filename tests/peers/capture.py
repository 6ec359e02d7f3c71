"""capture.py - our files in tshark, capinfos, tcpdump and editcap, and their captures with us."""
import os
import re
import subprocess

from _peer import can_unshare, need, shell
from tap import Skip, contains, equal, lacks, main, test

UNITS = os.path.join(os.path.dirname(shell.TCPSTEP), "tests", "unit")
QUIET = re.compile(r"^Running as user .*\n|^reading from file .*\n", re.M)


def output(*argv, ok=True):
    """What a program prints; it may print no warning."""
    need(argv[0])
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env=dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC"))
    equal((QUIET.sub("", done.stderr.decode()), done.returncode), ("", 0), argv)
    return done.stdout.decode()


def unit(name, file):
    program = os.path.join(UNITS, name)
    if not os.path.exists(program):
        raise Skip("%s is not built (make units)" % name)
    return output(program, file)


def ours():
    """A trace with one of everything, written by us."""
    unit("trace_pcapng", "ours.pcapng")
    return "ours.pcapng"


def comments(file):
    return output("tshark", "-nr", file, "-T", "fields", "-e", "frame.comment").splitlines()


@test("tshark and tcpdump read every packet of ours, without a warning")
def packets():
    file = ours()
    equal(len(output("tshark", "-nr", file).splitlines()), 8)
    lines = output("tcpdump", "-nttr", file).splitlines()
    equal(len(lines), 8)
    equal(lines[0], "1700000001.250000 IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [S], seq 1000,"
          " win 65535, length 0")


@test("capinfos sees what wrote the file, the interface, nanoseconds and the order of times")
def info():
    text = output("capinfos", ours())
    for part in ("pcapng", "tcpstep 0.", "Raw IP", "nanoseconds (9)", "Name = wire",
                 "Strict time order:   True", "Number of packets:   8",
                 "Number of interfaces in file: 1", "tcpstep trace 1"):
        contains(text, part)


@test("tshark shows a comment with each packet: number, from and to, fate, state changes")
def says():
    got = comments(ours())
    equal(len(got), 8)
    contains(got[0], "#1 client -> server")
    contains(got[0], "state of client: CLOSED -> SYN_SENT")
    contains(got[0], "delivered after 4.123456789 s")
    equal(got[1], "retransmission of #1, folded by tcpstep")
    contains(got[3], "dropped by you after 0.8 s")
    contains(got[4], "#3 server -> client, copy of #2")
    contains(got[5], "injected, altered")
    contains(got[6], "held")


@test("tshark knows the hosts by their names")
def names():
    got = output("tshark", "-N", "n", "-r", ours(), "-T", "fields", "-e", "ip.src_host",
                 "-e", "ip.dst_host").splitlines()
    equal(got[0], "client\tserver")
    equal(got[3], "server\tclient")


@test("tshark draws its flow graph of our file")
def flow():
    text = output("tshark", "-nr", ours(), "-q", "-z", "flow,tcp,network")
    contains(text, "10.77.0.1")
    contains(text, "SYN, ACK")


@test("tshark finds nothing malformed in our file")
def expert():
    text = output("tshark", "-nr", ours(), "-q", "-z", "expert,error")
    lacks(text, "Malformed")
    equal(output("tshark", "-nr", ours(), "-Y", "_ws.malformed"), "")


@test("a file of ours that editcap copied is still ours")
def copied():
    before = unit("trace_capture", ours())
    output("editcap", "ours.pcapng", "copy.pcapng")
    equal(comments("copy.pcapng"), comments("ours.pcapng"))
    equal(unit("trace_capture", "copy.pcapng"), before)


@test("packets that tshark picked from a file of ours are read, with a warning")
def picked():
    output("tshark", "-nr", ours(), "-Y", "tcp.srcport == 80", "-w", "part.pcapng")
    text = unit("trace_capture", "part.pcapng")
    contains(text, "2 packets, 0 skipped, 0 cut: part.pcapng: packets of the saved trace are missing")
    equal(len(text.splitlines()), 3)


@test("what editcap makes of our file as pcap is read, in both units of time")
def as_pcap():
    for kind in ("pcap", "nsecpcap"):
        output("editcap", "-F", kind, ours(), "x.pcap")
        lines = unit("trace_capture", "x.pcap").splitlines()
        equal(len(lines), 9)
        equal(lines[0], "8 packets, 0 skipped, 0 cut: ")
        equal(lines[1], "1700000001.250000 10.77.0.1:40000 10.77.0.2:80 SYN 0 3")


# A connection on the loopback device of a network namespace, captured by a program that says when
# it is ready and ends after 7 packets: three of the handshake, five bytes, their ACK, both FIN.
CAPTURE = r"""
import socket, subprocess, sys
program = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE)
said = b""
for line in program.stderr:
    said += line
    if b"listening on" in line or b"File:" in line:
        break
else:
    sys.exit(said.decode())
l = socket.create_server(("127.0.0.1", 7788))
c = socket.create_connection(l.getsockname())
s, _ = l.accept()
c.sendall(b"hello")
s.recv(5)
c.close()
s.recv(1)
s.close()
sys.exit(program.wait(20))
"""


def captured(*argv):
    need("unshare", "ip", argv[0])
    # As root tcpdump wants to become somebody else, which a user namespace refuses.
    flags = ["-Un", "--map-user=1000", "--keep-caps"]
    if not can_unshare(*flags):
        raise Skip("no user namespaces (unshare %s)" % " ".join(flags))
    done = subprocess.run(["unshare", *flags, "sh", "-c", "ip link set lo up && exec \"$@\"",
                           "sh", "python3", "-c", CAPTURE, *argv], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if b"permi" in done.stderr.lower():
        raise Skip("%s may not capture here" % argv[0])
    equal((done.stderr, done.returncode), (b"", 0), argv)
    return unit("trace_capture", "live").splitlines()


def is_connection(lines):
    contains(lines[0], ", 0 cut: ")
    flags = [line.split(" ", 1)[1] for line in lines[1:]]
    equal(sum(" SYN 0 " in f for f in flags), 1)
    equal(sum(" SYN,ACK 0 " in f for f in flags), 1)
    equal(sum(" PSH,ACK 5 " in f for f in flags), 1)
    equal(all("127.0.0.1:7788" in f for f in flags), True)


@test("a capture by tcpdump on the loopback device is read (Ethernet)")
def loopback():
    is_connection(captured("tcpdump", "-i", "lo", "-U", "-c", "7", "-w", "live"))


@test("a capture by tcpdump with nanoseconds is read")
def nanoseconds():
    is_connection(captured("tcpdump", "-i", "lo", "-U", "-c", "7", "-w", "live",
                           "--time-stamp-precision=nano"))


@test("a capture by tcpdump on all devices is read (Linux cooked)")
def cooked():
    is_connection(captured("tcpdump", "-i", "any", "-U", "-c", "7", "-w", "live"))
    is_connection(captured("tcpdump", "-i", "any", "-y", "LINUX_SLL", "-U", "-c", "7", "-w",
                           "live"))


@test("a capture by dumpcap is read (pcapng)")
def dumpcap():
    is_connection(captured("dumpcap", "-q", "-i", "lo", "-c", "7", "-w", "live"))


if __name__ == "__main__":
    main()
