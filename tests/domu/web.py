# SPDX-License-Identifier: MIT
"""What the tests of web servers share: pages, and what curl must get of them."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from network import APPS, NetworkCase, Server

CURL = APPS / "curl/host/src/curl"
PAGES = {
    "index.html": b"<p>a page</p>\n",
    "empty": b"",
    "large": hashlib.sha256(b"large").digest() * 30000,
    "sub/page.html": b"<p>below</p>\n",
}


def archive(files: dict[str, bytes]) -> bytes:
    """A ramdisk."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


class WebCase(NetworkCase):
    """A test class with web servers."""

    def serve(self, image: Path, *words: str, **files: bytes) -> Server:
        """Starts one with its configuration and the pages."""
        tree = {f"srv/www/{name}": data for name, data in PAGES.items()}
        tree |= {f"srv/conf/{name}.conf": data for name, data in files.items()}
        ramdisk = self.session.work / f"{image.name}.tar"
        ramdisk.write_bytes(archive(tree))
        if self.is_process:
            self.session.share.joinpath("tree.tar").write_bytes(ramdisk.read_bytes())
            self.session.run("tar -xf /share/tree.tar -C /", 30)
        return self.start_server(image, *words, port=80, memory_mib=96, ramdisk=ramdisk)

    def check_pages(self, server: Server) -> None:
        """All of them, their parts, what is not there, many at once."""
        url = f"http://{server.address}"
        for name, data in PAGES.items():
            self.check_client(CURL, "-sf", "-o", "/tmp/got", f"{url}/{name}")
            got = self.session.run("sha256sum </tmp/got", 30).out.split()[0].decode()
            self.assertEqual(got, hashlib.sha256(data).hexdigest(), name)
        self.assertEqual(self.check_client(CURL, "-s", url + "/").encode(), PAGES["index.html"])
        self.assertEqual(self.check_client(CURL, "-s", "-r", "3-6", url + "/index.html"), "a pa")
        status = ("-s", "-o", "/dev/null", "-w", "%{http_code}\n")
        self.assertEqual(self.check_client(CURL, *status, url + "/none"), "404\n")
        self.assertEqual(self.check_client(CURL, *status, "-I", url + "/large"), "200\n")
        many = self.check_client(
            CURL, "-Z", "--parallel-max", "50", *status, url + "/index.html?[1-400]", seconds=120)
        self.assertEqual(many, "200\n" * 400)
        kept = self.check_client(CURL, *status, "-w", "%{http_code} %{num_connects}\n",
                                 url + "/empty?[1-20]")
        self.assertEqual(sum(int(line.split()[1]) for line in kept.splitlines()), 1)
