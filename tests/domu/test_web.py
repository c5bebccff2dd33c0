# SPDX-License-Identifier: MIT
"""nginx as a guest, with files of its ramdisk, and curl as its client; and curl as a guest, by
http and https."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
import unittest

from network import APPS, CONTROL_DOMAIN, HOST, NetworkCase
from web import CURL, PAGES, WebCase, archive

NGINX = b"""
daemon off;
master_process off;
user root;
error_log /dev/stderr;
pid /tmp/nginx.pid;
events { worker_connections 600; }
http {
    types { text/html html; }
    access_log off;
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
    server {
        listen 80;
        root /srv/www;
        location / { sendfile on; }
        location /old { rewrite ^/old/(.*)$ /$1 redirect; }
    }
}
"""
class Nginx(WebCase):
    """One process, no master."""

    def test_nginx(self) -> None:
        server = self.serve(APPS / "nginx/configure/objs/nginx", "-c", "/srv/conf/nginx.conf",
                            nginx=NGINX)
        self.check_pages(server)
        moved = self.check_client(CURL, "-sL", f"http://{server.address}/old/sub/page.html")
        self.assertEqual(moved.encode(), PAGES["sub/page.html"])
        self.end_server(server)


class Curl(NetworkCase):
    """curl in the guest; the servers are here and in the control domain, which also knows
    their names."""

    def fetch(self, *words: str) -> str:
        """What curl writes, in a guest that asks the control domain for names."""
        if self.is_process:
            return self.check_client(CURL, *words)
        ramdisk = self.session.work / "certificates.tar"
        certificate = self.session.work / "certificate"
        files = {"etc/ssl/cert.pem": certificate.read_bytes()} if certificate.exists() else {}
        ramdisk.write_bytes(archive(files))
        result = self.run_guest(
            CURL, f"atman.ip=10.0.2.39/24,gw={HOST},dns={CONTROL_DOMAIN}", "--", *words,
            config="vif = ['']", memory_mib=96, ramdisk=ramdisk)
        text = result.console.decode(errors="replace").replace("\r\n", "\n")
        self.assertEqual(result.status, 0, text)
        return text

    def setUp(self) -> None:
        names = f"pages.test={CONTROL_DOMAIN} secure.test={HOST}"
        job = self.session.start(f"{self.program('names')} 53 {names}")
        self.addCleanup(self.session.wait, job, 30)
        self.addCleanup(self.session.run, "kill $(pidof names)", 30)
        if self.is_process:
            self.session.run(f"echo nameserver {CONTROL_DOMAIN} >/etc/resolv.conf", 30)

    def test_http_and_names(self) -> None:
        self.session.run("mkdir /tmp/www; head -c 3000000 /dev/urandom >/tmp/www/file;"
                         " echo a page >/tmp/www/page; httpd -h /tmp/www", 30)
        self.assertEqual(self.fetch("-s", "http://pages.test/page"), "a page\n")
        size = self.fetch("-s", "-o", "/dev/null", "-w", r"%{http_code} %{size_download}\n",
                          "http://pages.test/file")
        self.assertEqual(size, "200 3000000\n")
        self.assertEqual(self.fetch("-s", "-w", r"%{exitcode}\n", "http://none.test/",
                                    "http://pages.test/page"), "6\na page\n0\n")

    def test_https(self) -> None:
        certificate = self.session.work / "certificate"
        key = self.session.work / "key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=secure.test", "-addext", "subjectAltName=DNS:secure.test",
             "-keyout", key, "-out", certificate], check=True, capture_output=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"https://secure.test:{server.server_address[1]}/"
        words = ["-s", "-w", r"%{http_code} %{ssl_verify_result}\n", url]
        if self.is_process:
            self.session.share.joinpath("certificate").write_bytes(certificate.read_bytes())
            words = ["--cacert", "/share/certificate", *words]
        self.assertEqual(self.fetch(*words), "by https\n200 0\n")


class Page(http.server.BaseHTTPRequestHandler):
    """One page."""

    def do_GET(self) -> None:
        """Is what the library calls it."""
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"by https\n")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    unittest.main()
