# SPDX-License-Identifier: MIT
"""Quoting: a list of arguments as one command line for an image, and any text as a
string of an xl config."""

from __future__ import annotations

import re
from typing import Iterable

PLAIN_WORD = re.compile(r"[A-Za-z0-9@%_+=:,./-]+")


def join_words(words: Iterable[str]) -> str:
    """The command line that a guest splits into exactly these words."""
    return " ".join(map(_quote_word, words))


def config_string(text: str) -> str:
    """The text as a string constant of an xl config."""
    if "\n" in text or "\0" in text:
        raise ValueError(f"{text!r}: an xl config has no way to write a line's end")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quote_word(word: str) -> str:
    if PLAIN_WORD.fullmatch(word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
