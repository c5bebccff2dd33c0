# SPDX-License-Identifier: MIT
"""The command line that xl's "extra" sets: words, quoting, and the words that
configure the runtime."""

from __future__ import annotations

import unittest

from case import WORDS, BedCase, text


class Arguments(BedCase):
    """Guests that print their arguments."""

    def test_words_arrive_as_they_were(self) -> None:
        result = self.run_guest("arguments", "--", *WORDS)
        self.check_end(result, "poweroff", 0)
        expected = [f"[{word}]" for word in WORDS] + ["GREETING=[]"]
        self.assertEqual(text(result).splitlines(), expected)

    def test_runtime_words_are_not_arguments(self) -> None:
        words = ["first", "atman.env=GREETING=good day", "--", "atman.env=X=y"]
        result = self.run_guest("arguments", *words)
        self.check_end(result, "poweroff", 0)
        expected = ["[first]", "[atman.env=X=y]", "GREETING=[good day]"]
        self.assertEqual(text(result).splitlines(), expected)

    def test_extra_of_an_xl_config(self) -> None:
        config = "extra = 'one \"two three\" four\\\\ five'\nmemory = 64"
        result = self.run_guest("arguments", config=config)
        self.check_end(result, "poweroff", 0)
        expected = ["[one]", "[two three]", "[four five]", "GREETING=[]"]
        self.assertEqual(text(result).splitlines(), expected)


if __name__ == "__main__":
    unittest.main()
