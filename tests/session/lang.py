"""lang.py - the language: --lang, else the locale; English where Chinese cannot be shown."""
import os
import sys
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from shell import Shell, run
from tap import contains, equal, lacks, main, test


def lang(*args, **locale):
    """What `set lang` gives under a locale of just these variables, and the notes."""
    r = run(*args, "-e", "print(set('lang'))", lang=None, env=locale)
    equal(r.status, 0, r.err)
    return r.out.strip(), r.err


@test("the locale gives the language: zh in LC_ALL, LC_MESSAGES or LANG is Chinese, the rest English")
def locale_():
    for name in ("zh_CN.UTF-8", "zh_TW.utf8", "zh_HK.UTF-8"):
        equal(lang(LANG=name), ("zh", ""), name)
    for name in ("en_US.UTF-8", "C.UTF-8", "de_DE.UTF-8", "zha_CN.UTF-8", "C", ""):
        equal(lang(LANG=name), ("en", ""), name)
    equal(lang(), ("en", ""))


@test("a line that fails for a full-width mark, as Chinese input gives it, is told of it; in quotes it is text")
def full_width():
    with Shell() as s:
        for line, wide, narrow in (("connect 127.0.0.1：1", "：", ":"), ("state（）", "（", "("), ("close　c1", "　", " ")):
            contains(s.command(line), 'note: the line has a full-width "%s" in it; write "%s"' % (wide, narrow))
        contains(s.command("connect('127.0.0.1：1')"), "Write 127.0.0.1:1.")
        contains(s.command("关闭 c1"), 'unknown command "关闭"')
        contains(s.command("“你好”"), 'unknown command "“你好”"')
        lacks(s.command('send c1 "：，"'), "full-width")
        lacks(s.command("x = '：' -- ，"), "full-width")


@test("LC_ALL stands before LC_MESSAGES, and that before LANG; an empty one does not count")
def order():
    equal(lang(LC_ALL="C.UTF-8", LC_MESSAGES="zh_CN.UTF-8", LANG="zh_CN.UTF-8")[0], "en")
    equal(lang(LC_MESSAGES="zh_CN.UTF-8", LANG="en_US.UTF-8")[0], "zh")
    equal(lang(LC_ALL="", LC_MESSAGES="", LANG="zh_CN.UTF-8")[0], "zh")


@test("--lang stands before the locale")
def option():
    equal(lang("--lang", "zh", LANG="C.UTF-8"), ("zh", ""))
    equal(lang("--lang=en", LANG="zh_CN.UTF-8"), ("en", ""))


@test("without UTF-8, --lang zh says so and is English; a Chinese locale is English, too")
def no_utf8():
    got, note = lang("--lang", "zh", LANG="C")
    equal(got, "en")
    contains(note, "note: ")
    contains(note, "English is used")
    equal(lang(LANG="zh_CN.GB2312"), ("en", ""))


@test("set lang changes it, and refuses Chinese where it cannot be shown")
def set_lang():
    r = run("-e", "set lang zh", "-e", "set lang", lang="C.UTF-8")
    equal((r.status, [line.split()[:2] for line in r.out.splitlines()]), (0, [["lang", "zh"]] * 2))
    r = run("-e", "set lang zh", lang="C")
    equal((r.status, r.out), (1, ""))
    contains(r.err, "UTF-8")


@test("-h is in Chinese, by --lang before it or by the locale; English without UTF-8")
def short_help():
    for r in (run("--lang", "zh", "-h", lang="C.UTF-8"), run("-h", lang="zh_CN.UTF-8")):
        equal((r.status, r.err), (0, ""))
        contains(r.out, "用法：tcpstep ")
        contains(r.out, "  --json          以 JSON")
    for r in (run("--lang", "zh", "-h", lang="C"), run("--lang", "en", "-h", lang="zh_CN.UTF-8")):
        contains(r.out, "usage: tcpstep ")


@test("help is in Chinese: the list, a command, the states and a state; commands and states are not")
def chinese_help():
    for line, parts in (("help", ("三次握手", "  connect   ")), ("help shutdown", ("半关闭", "示例")),
                        ("help check", ("流结束：没有 RST，也没有数据",)),
                        ("help states", ("TIME_WAIT        双方",)),
                        ("help SYN_RCVD", ("半连接队列", "SYN_RCVD  "))):
        r = run("--lang", "zh", "-e", line)
        for part in parts:
            contains(r.out, part)


@test("no line of Chinese help is wider than the terminal")
def chinese_width():
    with Shell("--lang", "zh", rows=400) as s:
        for word in ("", "recv", "wire", "inject", "state", "LISTEN", "TIME_WAIT", "/RST"):
            for line in s.command("help " + word).splitlines():
                width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
                equal(width <= 78, True, line)


@test("another language is wrong usage, with those there are")
def unknown():
    r = run("--lang", "fr", "-e", "1")
    equal((r.status, r.out), (2, ""))
    contains(r.err, "--lang takes en or zh, not fr")


@test("at a terminal with LANG=C the prompt works after the note")
def terminal():
    with Shell("--lang", "zh", lang="C") as s:
        contains(s.text(), "English is used")
        contains(s.command("help accept"), "example")


if __name__ == "__main__":
    main()
