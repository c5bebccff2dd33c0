# SPDX-License-Identifier: MIT
"""A line-editing interpreter, used as a person would: keys, history, the window, Ctrl-C."""
import expect

LEFT, UP = "\x1b[D", "\x1b[A"


def check(arguments):
    run, image = arguments
    lua = expect.Terminal([run, "-m", "64M", image, "-i"], 80, 24, {"TERM": "vt100"})
    try:
        lua.expect("Lua 5.4")
        lua.expect("> ")
        lua.send("print(1+1)\r")
        lua.expect("\n2\r\n")
        lua.expect("> ")

        # An edited line: the arrow keys and what is typed in the middle.
        lua.send("print(6*8)" + LEFT + "\x7f7\r")
        lua.expect("\n42\r\n")
        lua.expect("> ")
        # The line before that, from the history, and its end changed.
        lua.send(UP + UP + LEFT + "+40\r")
        lua.expect("\n42\r\n")
        lua.expect("> ")

        # A computation that would not end, and the interpreter goes on.
        lua.send("io.write('runn', 'ing\\n') io.flush() while true do end\r")
        lua.expect("\nrunning\r\n")
        lua.send("\x03")
        lua.expect("interrupted!.*> ")
        lua.send("print('still ' .. 'here')\r")
        lua.expect("\nstill here\r\n")
        lua.expect("> ")

        # A narrow window: a long line is scrolled, not broken.
        lua.resize(30, 10)
        lua.send("--" + "x" * 60)
        lua.expect(r"x{10}")
        lua.send("\r")
        lua.expect("\r\n.*> ")  # what is typed before the prompt is thrown away

        lua.send("\x04")
        status = lua.end()
        if status != 0:
            raise expect.Unexpected(f"exit status {status}")
    finally:
        lua.close()


expect.main(check)
