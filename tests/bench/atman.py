# SPDX-License-Identifier: MIT
"""Our side of the comparison: the operations' image, booted once for each."""
import marks
from boot import boot, option

BOOT_SECONDS = 180


class Image:
    """What boot.boot() wants to know of an image."""

    def __init__(self, path):
        self.path = path


def count(tools, op, memory, plugin, attempt):
    """(region, ''), or (None, the reason why there is none). `memory`: MiB of the domain and
    of the machine; `plugin`: marks and options of the counting plugin."""
    folder = tools.out / f"{op.name}-{attempt}"
    plugin = f"{option(tools.counter)},out={option(folder / 'count')},{plugin}"
    result = boot(tools, Image(tools.ops), folder, memory[0] * 1024, memory[1], vcpus=op.vcpus,
                  plugin=plugin, words=[op.name], limit=BOOT_SECONDS)
    found = marks.regions(result.report)
    if result.status == 0 and len(found) == 1 and found[0]:
        return found[0], ""
    errors = (folder / "stderr").read_text(errors="replace").strip() if result.status else ""
    return None, errors or result.reason or f"exit status {result.status}"
