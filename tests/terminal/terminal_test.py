# SPDX-License-Identifier: MIT
"""What a person sees of the console: editing, signals, the window, and the way out."""
import re
import signal
import termios
import time

import expect

ESCAPE = "\x1d"
programs = {}


def start(name, *arguments):
    return expect.Terminal([*programs[name], *arguments], 70, 20)


def ends_with(terminal, wanted):
    status = terminal.end()
    if status != wanted:
        raise expect.Unexpected(f"exit status {status}, not {wanted}; {terminal.all!r}")


def is_cooked(terminal):
    return terminal.settings()[3] & termios.ICANON != 0


def expect_cooked(terminal, wanted):
    for _ in range(600):
        if is_cooked(terminal) == wanted:
            return
        time.sleep(0.1)
    raise expect.Unexpected(f"canonical is not {wanted}: {terminal.all!r}")


def lines(t):
    """A terminal's work with lines, which is the guest's from its first read on."""
    t.expect("> ")
    t.send("abx\x7fc\r")
    t.expect("abx\x08 \x08c\r\nline 4 abc\r\n> ")
    t.send("one two\x17three\r")
    t.expect("line 10 one three\r\n> ")
    t.send("nothing of this\x15rest\r")
    t.expect("line 5 rest\r\n> ")
    t.send("x\x16\x03y\r")
    t.expect("line 4 x\x03y\r\n> ")
    t.send("z" * 200 + "\r")
    t.expect("line 201 z{200}\r\n> ")
    t.send("half\x04")
    t.expect("line 4 half> ")


def signals(t):
    t.send("typed\x03")
    t.expect(re.escape("typed^C") + "Interrupted system call 2\r\n> ")
    t.send("loop\r")
    t.expect("looping\r\n")
    t.send("\x03")
    t.expect("got 2\r\n> ")
    t.send("\x1a")  # nobody could continue it
    t.send("here\r")
    t.expect("line 5 here\r\n> ")


def window(t):
    t.send("window\r")
    t.expect("window 70x20\r\n> ")
    t.resize(100, 30)
    t.expect("window 100x30\r\n> ")
    t.send("window\r")
    t.expect("window 100x30\r\n> ")


def settings(t):
    t.send("keys\r")
    t.expect("raw\n")
    t.send("a\x03\x04\r\x1b[Aq")
    t.expect(re.escape("[61][03][04][0d][1b][5b][41][71]"))
    t.expect("> ")
    t.send("times\r")
    t.expect("min 0 time 0: 0\r\nmin 0 time 1: 0\r\nmin 3 time 0: ")
    t.send("ab")
    t.send("c")
    t.expect("3\r\nmin 3 time 1: ")
    t.send("d")
    t.expect("1\r\n> ")
    t.send("ask\r")
    t.expect("nothing: -1 Resource temporarily unavailable\r\npoll 0\r\n")
    t.send("word\r")
    t.expect("poll 1 in\r\ncount 5\r\nread 5\r\n> ")
    t.send("processes\r")
    t.expect("groups 1 1\r\nset 0\r\n")
    t.expect("> ")


def flow(t):
    t.send("\x13")  # stopped: what is typed is taken, and seen when it goes on
    t.send("unseen\r")
    try:
        t.expect("unseen", 1)
    except expect.Unexpected:
        pass
    else:
        raise expect.Unexpected("a stopped terminal has shown something")
    t.send("\x11")
    t.expect("unseen\r\nline 7 unseen\r\n> ")


def check_shell():
    t = start("shell")
    try:
        lines(t)
        expect_cooked(t, False)
        signals(t)
        window(t)
        settings(t)
        flow(t)
        t.send("\x04")
        t.expect("end\r\n")
        ends_with(t, 5)
        expect_cooked(t, True)
    finally:
        t.close()


def check_ends():
    """However it ends, the terminal is as it was."""
    for how in "default", "escape", "term", "stop":
        t = start("shell")
        try:
            t.expect("> ")
            t.send("hello\r")
            t.expect("line 6 hello\r\n> ")
            if how == "default":
                t.send("default\r")
                t.expect("> ")
                t.send("\x03")
                ends_with(t, 130)
                if b"fatal" in t.all:
                    raise expect.Unexpected(f"a report: {t.all!r}")
            elif how == "escape":
                t.send(ESCAPE)
                ends_with(t, 130)
            elif how == "term":
                t.signal(signal.SIGTERM)
                ends_with(t, 143)
            else:
                t.signal(signal.SIGTSTP)
                expect_cooked(t, True)
                t.signal(signal.SIGCONT)
                expect_cooked(t, False)
                t.send("back\r")
                t.expect("line 5 back\r\n> ")
                t.send("\x04")
                ends_with(t, 5)
            expect_cooked(t, True)
        finally:
            t.close()


def check_plain():
    """A program without a terminal's calls."""
    t = start("plain")
    try:
        t.expect("ready\r\n")
        t.send("\x03")
        ends_with(t, 130)
    finally:
        t.close()
    t = start("plain", "handle")
    try:
        t.expect("ready\r\n")
        t.resize(90, 11)
        t.expect("window 90x11\r\n")
        t.send("\x03")
        t.expect("interrupted\r\n")
        ends_with(t, 3)
        if not is_cooked(t):
            raise expect.Unexpected("the terminal's settings have changed")
    finally:
        t.close()


def check(arguments):
    run, images = arguments
    for name in "shell", "plain":
        programs[name] = [run, "--timeout", "120", f"{images}/{name}"]
    check_plain()
    check_shell()
    check_ends()


expect.main(check)
