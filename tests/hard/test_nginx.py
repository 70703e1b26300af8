"""A real nginx with the configuration that every site brings, under load. Needs nginx and wrk."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hard.test_crowds import READERS, Count, site

__all__ = ["site"]


@pytest.fixture
def nginx(site: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a real nginx with our configuration."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; daemon off;\n"
        "events {}\n"
        "http {\n"
        "  include /etc/nginx/mime.types; access_log off;\n"
        f"  client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;\n"
        f"  fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u;\n"
        f"  scgi_temp_path {tmp_path}/s;\n"
        f"  server {{ listen 127.0.0.1:{port}; root {site}; include {site}/nginx.conf; }}\n"
        "}\n",
        encoding="utf-8",
    )
    for folder in (tmp_path, *tmp_path.parents[:3], site, *site.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    command = [shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "nginx"]
    server = subprocess.Popen([*command, "-c", str(config)], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert server.poll() is None, server.stderr and server.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait()


def test_nginx_sends_what_we_say_under_load(nginx: str, site: Path, survived: Count) -> None:
    def curl(path: str, *options: str) -> str:
        command = ["curl", "--silent", "--include", *options, f"{nginx}{path}"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("latin-1")

    page = curl("", "--compressed")
    assert page.startswith("HTTP/1.1 200")
    for line in ("Content-Encoding: gzip", "X-Content-Type-Options: nosniff", "no-cache"):
        assert line in page
    assert "Content-Type: text/html; charset=utf-8" in page
    assert page.count("Cache-Control") == 1
    assert "Content-Security-Policy: default-src 'none'" in page
    missing = curl("no/such/page.html")
    assert missing.startswith("HTTP/1.1 404")
    assert "X-Content-Type-Options: nosniff" in missing
    assert "<main" in missing
    book = curl("Tiny-book.epub", "--head")
    assert "application/epub+zip" in book
    assert "X-Content-Type-Options" in book
    assert "application/manifest+json" in curl("manifest.webmanifest", "--head")
    assert curl("", "--header", "Range: bytes=0-9").startswith("HTTP/1.1 206")
    (font,) = sorted((site / "assets" / "fonts").rglob("*.woff2"))[:1]
    kept = curl(font.relative_to(site).as_posix(), "--head")
    assert "max-age=2592000" in kept
    assert "X-Content-Type-Options" in kept
    for path in ("", "notebooks/one.html", "Tiny-book.epub"):
        command = ["wrk", "--threads", "2", "--connections", str(READERS), "--duration", "20s"]
        done = subprocess.run(
            [*command, f"{nginx}{path}"], capture_output=True, text=True, check=True
        )
        assert "Socket errors" not in done.stdout, done.stdout
        assert "Non-2xx" not in done.stdout, done.stdout
        (requests,) = re.findall(r"(\d+) requests in", done.stdout)
        survived("requests served by nginx to 200 readers at once, without an error", int(requests))
