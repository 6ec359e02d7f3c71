"""article.py - the article's two programs, as scripts and in python3, talk to each other."""
import os
import subprocess
import sys

from _peer import Program, free_port
import shell
from tap import contains, equal, lacks, main, test

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(shell.TOP, "scripts/article")
UTF8 = dict(os.environ, PYTHONIOENCODING="utf-8")


def lua(name, *args, **popen):
    return Program(shell.TCPSTEP, os.path.join(SCRIPTS, name), *args,
                   env=shell.environment(os.getcwd(), "xterm", "C.UTF-8", None), **popen)


def port_of(server):
    """Read from what server.lua prints once it listens."""
    equal(server.process.stdout.readline(), b"listen\n")
    return server.process.stdout.readline().decode().split()[2].split(":")[1]


def python(name, *args, **popen):
    return Program(sys.executable, os.path.join(HERE, name), *args, env=UTF8, **popen)


def check_server(out):
    contains(out, "接收到的数据为: 你好\n")
    contains(out, "accept\n    l1    LISTEN ")
    contains(out, "    s1    ESTABLISHED ")
    lacks(out, "error")


def check_client(out):
    contains(out, "请输入要发送的数据: ")
    contains(out, "接收到的数据为: thank you !\n")
    contains(out, "    c1    ESTABLISHED ")
    lacks(out, "error")


@test("server.lua and client.lua, in two processes, with the input from a pipe")
def both_lua():
    with lua("server.lua", "0") as server:
        port = port_of(server)
        with lua("client.lua", "127.0.0.1:" + port, stdin=subprocess.PIPE) as client:
            check_client(client.output("你好\n".encode()).decode())
            check_server(server.output().decode())
            equal((server.process.returncode, client.process.returncode), (0, 0))


@test("server.lua serves a client in python3")
def python_client():
    with lua("server.lua", "0") as server:
        port = port_of(server)
        with python("_article_client.py", port, stdin=subprocess.PIPE) as client:
            contains(client.output("你好\n".encode()).decode(), "received: thank you !\n")
            check_server(server.output().decode())


@test("client.lua talks to a server in python3")
def python_server():
    with python("_article_server.py", "0") as server:
        port = server.process.stdout.readline().decode().strip()
        with lua("client.lua", "127.0.0.1:" + port, stdin=subprocess.PIPE) as client:
            check_client(client.output("你好\n".encode()).decode())
            contains(server.output().decode(), "received: 你好\n")


@test("client.lua under a terminal asks first, and waits for the answer")
def terminal():
    with python("_article_server.py", "0") as server:
        port = server.process.stdout.readline().decode().strip()
        with shell.Shell(os.path.join(SCRIPTS, "client.lua"), "127.0.0.1:" + port,
                         wait=False) as sh:
            sh.expect("请输入要发送的数据:")
            sh.send_line("你好")
            sh.expect("thank you !")
            equal(sh.wait(), 0)
        contains(server.output().decode(), "received: 你好\n")


@test("an empty line sends nothing, and the server reads end of stream")
def empty_line():
    with lua("server.lua", "0") as server:
        port = port_of(server)
        with lua("client.lua", "127.0.0.1:" + port, stdin=subprocess.PIPE) as client:
            client.output(b"\n")
            contains(server.output().decode(), "接收到的数据为: (end of stream)\n")


@test("server.lua waits for ever, and Ctrl-C ends it with status 130")
def server_waits():
    with shell.Shell(os.path.join(SCRIPTS, "server.lua"), "0", wait=False) as sh:
        sh.expect("LISTEN")
        sh.quiet(0.2)
        equal(sh.process.poll(), None)
        sh.key("ctrl-c")
        equal(sh.wait(), 130)


@test("Ctrl-C ends client.lua while it asks")
def client_asks():
    with python("_article_server.py", "0") as server:
        port = server.process.stdout.readline().decode().strip()
        with shell.Shell(os.path.join(SCRIPTS, "client.lua"), "127.0.0.1:" + port,
                         wait=False) as sh:
            sh.expect("请输入要发送的数据:")
            sh.key("ctrl-c")
            equal(sh.wait(), 130)


@test("client.lua without a server says what to do")
def no_server():
    port, keep = free_port()
    with keep, lua("client.lua", "127.0.0.1:%d" % port) as client:
        out = client.output().decode()
        contains(out, "client.lua:12: connect 127.0.0.1:%d: connection refused" % port)
        equal(client.process.returncode, 1)


@test("both.lua shows both ends after each step, from LISTEN to TIME_WAIT")
def both():
    with lua("both.lua", "127.0.0.1:0") as both_ends:
        out = both_ends.output().decode()
        equal(both_ends.process.returncode, 0, out)
    for step in ("接收到的数据为: 你好\n", "接收到的数据为: thank you !\n", "connect\n    l1    LISTEN",
                 "the server closes\n", "FIN_WAIT_2", "CLOSE_WAIT", "TIME_WAIT"):
        contains(out, step)


@test("the scripts run as programs of their own, by their first line")
def shebang():
    env = shell.environment(os.getcwd(), "xterm", "C.UTF-8", None)
    os.symlink(shell.TCPSTEP, "tcpstep")
    env["PATH"] = os.getcwd() + ":" + env["PATH"]
    with Program(os.path.join(SCRIPTS, "both.lua"), "127.0.0.1:0", env=env) as both_ends:
        contains(both_ends.output().decode(), "thank you !")
        equal(both_ends.process.returncode, 0)


if __name__ == "__main__":
    main()
