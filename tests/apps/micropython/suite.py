# SPDX-License-Identifier: MIT
"""Runs all files of MicroPython's own tests below the folders named, one after the other."""
import gc
import os
import sys

for folder in sys.argv[1:]:
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".py"):
            continue
        print("##", folder, name)
        try:
            exec(open(folder + "/" + name).read(), {"__name__": "__main__"})
        except SystemExit:
            pass
        except Exception as error:
            print(type(error).__name__, error)
        gc.collect()
