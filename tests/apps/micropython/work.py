# SPDX-License-Identifier: MIT
"""A bit of everything: numbers, text, classes, generators, exceptions, modules, files."""
import json
import math
import os
import re
import struct
import sys

print(sys.argv, sys.version.split(";")[0])
print(2**200, -7 // 2, -7 % 3, 0.1 + 0.2, 1e22, float("inf"), round(math.pi, 6), int("ff", 16))
print("%05d|%-6s|%x|%.3e" % (42, "left", 255, 1 / 3), "{:>8}|{:,}".format("right", 1234567))
print("äöü €".encode(), len("äöü €"), "a,b,,c".split(","), " x ".strip().upper())


class Shape:
    count = 0

    def __init__(self, *sides):
        self.sides = sides
        Shape.count += 1

    def __repr__(self):
        return "Shape" + repr(self.sides)

    def __lt__(self, other):
        return sum(self.sides) < sum(other.sides)


print(sorted(Shape(i * 7 % 5, i) for i in range(6)), Shape.count)


def primes():
    found = {}
    n = 2
    while True:
        if n in found:
            for p in found.pop(n):
                found.setdefault(n + p, []).append(p)
        else:
            yield n
            found[n * n] = [n]
        n += 1


source = primes()
print([next(source) for _ in range(300)][-5:])

for action in (lambda: 1 / 0, lambda: {}["key"], lambda: [][1], lambda: int("x"), lambda: None + 1):
    try:
        action()
    except Exception as error:
        print(type(error).__name__, error)


def deep(n):
    return deep(n + 1)


try:
    deep(0)
except RuntimeError as error:
    print(error)

text = json.dumps({"list": [1, 2.5, None, True], "text": "quo\"te"})
print(json.loads(text)["list"], struct.pack("<iHd", -7, 513, 0.5), re.match(r"(\w+)-(\d+)", "key-42").group(2))

with open("made", "w") as file:
    for i in range(5000):
        file.write("%d %d\n" % (i, i * i))
print(sum(int(line.split()[1]) for line in open("made")), os.stat("made")[6])
os.rename("made", "other")
print(sorted(name for name in os.listdir(".") if name in ("made", "other")))
os.remove("other")
try:
    open("other")
except OSError as error:
    print(error)

table = {}
for i in range(100000):
    table[i % 1009] = table.get(i % 1009, 0) ^ i * 31
print(len(table), sum(table.values()))
