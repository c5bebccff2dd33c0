# SPDX-License-Identifier: MIT
"""Tests of marks.py and of the comparison's table: python3 marks_test.py"""
import unittest

import marks
import profile
import report

START = "start 0 0 0 0 0"


def regions(lines):
    return marks.regions([line.split() for line in lines])


def region(*difference):
    return {"difference": list(difference), "blocks": []}


class Regions(unittest.TestCase):
    def test_one(self):
        lines = [START, "begin 1 2 3 4 5", "end 11 22 33 44 55"]
        self.assertEqual(regions(lines), [region(10, 20, 30, 40, 50)])

    def test_a_process_that_fails_keeps_its_place(self):
        good = [START, "begin 1 1 1 1 1", "end 2 3 4 5 6"]
        for bad in ([START], [START, "begin 9 9 9 9 9"], [START, "end 9 9 9 9 9"]):
            self.assertEqual(regions(good + bad + good),
                             [region(1, 2, 3, 4, 5), None, region(1, 2, 3, 4, 5)])

    def test_nothing_comes_before_start(self):
        with self.assertRaises(ValueError):
            regions(["begin 1 1 1 1 1"])

    def test_blocks_belong_to_the_region_they_end(self):
        lines = [START, "begin 0 0 0 0 0", "block 0x10 3", "end 3 0 0 0 0", START]
        self.assertEqual(regions(lines)[0]["blocks"], [[16, 3]])
        self.assertIsNone(regions(lines)[1])

    def test_cost(self):
        cost = marks.cost(region(10, 20, 30, 4, 0), 10)
        self.assertEqual((cost.guest, cost.total, cost.visits), (3, 6, 0.4))


class Comparison(unittest.TestCase):
    def lines(self, linux, atman):
        costs = [marks.cost(region(*each), 10) if each else None for each in (linux, atman)]
        return report.comparison([("op", *costs)]).split("\n")

    def test_ratio(self):
        self.assertEqual(self.lines([100, 100, 200, 20, 0], [50, 0, 50, 1, 0])[-1].split(),
                         ["op", "40", "2.0", "5", "5", "10", "0.1", "0.25"])

    def test_behind_is_marked(self):
        self.assertIn("behind", self.lines([10, 0, 0, 0, 0], [20, 0, 0, 0, 0])[-1])

    def test_no_figure(self):
        self.assertEqual(self.lines([100, 0, 0, 0, 0], None)[-1].split(),
                         ["op", "10", "0.0", "-", "-", "-", "-", "-"])


class Profile(unittest.TestCase):
    def setUp(self):
        self.symbols = profile.Symbols()
        self.symbols.add("0000000000001000 T first\n0000000000001100 T __second\n"
                         "0000000000001100 t second\n0000000000001100 T _second\n"
                         "0000000000001180 d data\n                 U other\n")
        self.symbols.add("ffff82d040200000 T entry", "Xen: ")

    def test_names(self):
        for address, name in ((0x1000, "first"), (0x10ff, "first"), (0x1190, "second"),
                              (0xffff82d040200004, "Xen: entry"), (0xfff, "0xfff"),
                              (0xffffffff81000000, "Linux's kernel"), (0x7ffff7ffd000, "vDSO")):
            self.assertEqual(self.symbols.name(address), name)

    def test_sums(self):
        blocks = [[0x1004, 10], [0x1110, 100], [0x1020, 30]]
        self.assertEqual(profile.functions(blocks, self.symbols, 10),
                         [("second", 10), ("first", 4)])


if __name__ == "__main__":
    unittest.main()
