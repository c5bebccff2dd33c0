# SPDX-License-Identifier: MIT
"""Does what a page of the manual says, and compares what it shows.

console.py PAGE: runs the page's blocks in order, in the working folder and in one shell.
    ```console   lines that begin with "$ " are commands ("> " continues one). The lines below
                 one are all that it prints, stdout and stderr together: "..." alone stands for
                 any number of lines, within a line for any text. A command without such lines
                 may print anything, but must end with status 0; "$ echo $?" shows others.
    ```LANG FILE the block is written to that file
All other blocks are left alone. Something must be compared, or the page is an error.
"""
import re
import subprocess
import sys

MARK = "@@end of the output@@"


def blocks(page):
    """(info string, number of the first line, lines) of each fenced block."""
    info = None
    for number, line in enumerate(page.split("\n"), 1):
        if line.startswith("```"):
            if info is None:
                info, first, lines = line[3:].strip(), number + 1, []
            else:
                yield info, first, lines
                info = None
        elif info is not None:
            lines.append(line)


def commands(first, lines):
    """(line number, command, lines that it shows) of a console block."""
    found = []
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            found.append((number, [line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1][1].append(line[2:])
        elif found:
            found[-1][2].append(line)
        else:
            sys.exit(f"line {number}: output without a command")
    return [(number, "\n".join(words), shown) for number, words, shown in found]


def pattern(shown):
    parts = []
    for line in shown:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(map(re.escape, line.split("..."))) + r"\n")
    return re.compile("".join(parts))


class Shell:
    def __init__(self):
        self.process = subprocess.Popen(["bash", "--norc", "-s"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, errors="replace")
        self.send("status=0\n")

    def send(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def run(self, command):
        """Its output and status. $? is that of the command before it."""
        quoted = command.replace("'", "'\\''")
        self.send(f"(exit $status); eval '{quoted}' 2>&1 </dev/null; status=$?; "
                  f"printf '\\n%s %d\\n' '{MARK}' $status\n")
        lines = []
        for line in self.process.stdout:
            if line.startswith(MARK):
                text = "".join(lines)[:-1]
                return text + "\n" * (text != "" and text[-1] != "\n"), int(line.split()[-1])
            lines.append(line)
        sys.exit(f"the shell is gone after: {command}")


def main(path):
    with open(path) as file:
        page = file.read()
    shell, ran, compared, failed = Shell(), 0, 0, 0
    for info, first, lines in blocks(page):
        words = info.split()
        if len(words) == 2:
            with open(words[1], "w") as file:
                file.write("\n".join(lines) + "\n")
        elif info != "console":
            continue
        else:
            steps = commands(first, lines)
            for (number, command, shown), after in zip(steps, steps[1:] + [(0, "", [])]):
                output, status = shell.run(command)
                if shown:
                    good = pattern(shown).fullmatch(output)
                else:
                    good = status == 0 or after[1] == "echo $?"
                ran, compared, failed = ran + 1, compared + bool(shown), failed + (not good)
                if not good:
                    print(f"FAILED: {path}:{number}: {command}\n    status {status}, output:")
                    print(re.sub("^", "    | ", output, flags=re.M))
    print(f"{ran} commands, {compared} outputs compared, {failed} failed")
    sys.exit(failed > 0 or compared == 0)


main(*sys.argv[1:])
