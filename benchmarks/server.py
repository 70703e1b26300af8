"""A local server that sends a built site as a good host would: gzipped, with its headers."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nkbook.render.serve import HOST
from nkbook.render.site.headers import MEDIA_TYPES, policy

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    **MEDIA_TYPES,
}
PACKED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}
"""What is worth packing: fonts and pictures of points are packed already."""


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve the folder `site` on a free port of this machine; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            file = site / unquote(urlsplit(self.path).path).lstrip("/")
            if file.is_dir():
                file /= "index.html"
            found = file.is_file()
            body = _packed(file) if found else b"Nothing here"
            self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", TYPES.get(file.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            if found and file.suffix in PACKED:
                self.send_header("Content-Encoding", "gzip")
            if file.suffix == ".html":
                self.send_header("Content-Security-Policy", policy(meta=False))
            self.send_header("Cache-Control", "public, max-age=31536000")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: the terminal belongs to the measurement."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, *arguments: object) -> None:
            """A browser that leaves early is no fault."""

    server = Server((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@cache
def _packed(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.compress(content, 9, mtime=0) if file.suffix in PACKED else content
