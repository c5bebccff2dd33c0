# SPDX-License-Identifier: MIT
"""The one exception of the test bed: a reason fit for a one-line message."""

from __future__ import annotations


class BedError(Exception):
    """What went wrong, which object it concerns and, where known, what to do."""
