# SPDX-License-Identifier: MIT
"""Makes `python3 tests/domu/bed COMMAND` work from anywhere."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bed.cli import main

sys.exit(main(sys.argv[1:]))
