"""A server for the author's own machine: shows the edition and rebuilds it on change."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from watchfiles import watch

from nkbook.errors import BookError, Finding
from nkbook.render.site.headers import MEDIA_TYPES, told_headers

HOST = "127.0.0.1"
"""The loopback address: nobody else on the network can reach the server."""

_IGNORED = (".", "_", "figures")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files with the headers of real hosts, so that authors meet the policy at home.

    It refuses requests that name another host: a page elsewhere cannot read the book.
    """

    extensions_map = {  # noqa: RUF012 - the base class declares it this way
        **SimpleHTTPRequestHandler.extensions_map,
        **MEDIA_TYPES,
    }

    def do_GET(self) -> None:
        if self._allowed():
            super().do_GET()

    def do_HEAD(self) -> None:
        if self._allowed():
            super().do_HEAD()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer as hosts do: what is not there is said by the site's own page."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", MEDIA_TYPES[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        for name, value in told_headers(Path(self.directory)).items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal belongs to the build."""

    def _allowed(self) -> bool:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host in {HOST, "localhost"}:
            return True
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "This server answers only to localhost")
        return False


class _Server(ThreadingHTTPServer):
    """Lets a page's many pictures wait in line; five, the default, is less than a browser asks."""

    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a reader who left before the page was there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def start_server(output: Path, port: int) -> ThreadingHTTPServer:
    """Serve the edition at `output` in the background; port 0 takes any free one.

    Raises `BookError` where the port is taken.
    """

    def handler(*args: Any, **kwargs: Any) -> _Handler:
        return _Handler(*args, directory=str(output), **kwargs)

    try:
        server = _Server((HOST, port), handler)
    except OSError as error:
        hint = "Stop what uses it, or take another: --port 0 finds a free one."
        message = f"cannot be used: {error.strerror}"
        raise BookError([Finding(f"port {port}", "NB802", message, hint)]) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def rebuild_on_change(root: Path, output: Path, rebuild: Callable[[], None]) -> None:
    """Call `rebuild` after each change to the sources, until interrupted."""

    def is_source(_change: object, path: str) -> bool:
        file = Path(path)
        if file.is_relative_to(output) or not file.is_relative_to(root):
            return False
        top = file.relative_to(root).parts[0]
        return top == "_quarto.yml" or not top.startswith(_IGNORED)

    for _ in watch(root, watch_filter=is_source, debounce=400, raise_interrupt=True):
        rebuild()
