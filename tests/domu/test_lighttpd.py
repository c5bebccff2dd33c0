# SPDX-License-Identifier: MIT
"""lighttpd as a guest, with files of its ramdisk, and curl as its client."""

from __future__ import annotations

import unittest

from network import APPS
from web import WebCase

LIGHTTPD = b"""
server.document-root = "/srv/www"
server.port = 80
server.pid-file = "/tmp/lighttpd.pid"
server.upload-dirs = ("/tmp")
server.modules = ()
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html")
"""


class Lighttpd(WebCase):
    """Its static build."""

    def test_lighttpd(self) -> None:
        server = self.serve(APPS / "lighttpd/host/src/lighttpd", "-D", "-f",
                            "/srv/conf/lighttpd.conf", lighttpd=LIGHTTPD)
        self.check_pages(server)
        self.end_server(server)


if __name__ == "__main__":
    unittest.main()
