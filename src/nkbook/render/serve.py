"""A server for the author's own machine: shows the edition, and pages anew that changed."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Set
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from watchfiles import watch

from nkbook.errors import BookError, Finding
from nkbook.paths import ASSETS
from nkbook.render.site.headers import MEDIA_TYPES, told_headers

HOST = "127.0.0.1"
"""The loopback address: nobody else on the network can reach the server."""

_IGNORED = (".", "_", "figures")
_PAUSE = 1000
"""Milliseconds without a change after which the whole site is made."""
_ASKED = "/.nkbook/changes"
"""Where pages ask whether they have changed, ..."""
_SCRIPT = "/.nkbook/preview.js"
"""... and the script that does."""
_PATIENCE = 25.0
"""Seconds after which a page is told that nothing has changed, and asks again."""


class Changes:
    """What has changed since the server began, for the pages that are open."""

    def __init__(self) -> None:
        self._told: list[Set[str]] = []
        self._news = threading.Condition()

    def tell(self, pages: Set[str]) -> None:
        """Tell of pages that are not as they were."""
        if pages:
            with self._news:
                self._told.append(pages)
                self._news.notify_all()

    def since(self, version: str) -> dict[str, Any]:
        """The version now, and the pages that changed since `version`, as soon as some have."""
        with self._news:
            if version == str(len(self._told)):
                self._news.wait(_PATIENCE)
            now = len(self._told)
            known = version.isdecimal() and int(version) <= now
            if version and not known:
                # Of a server that was here before: anything may have changed.
                return {"version": str(now), "pages": None}
            pages = set[str]().union(*self._told[int(version or now) :])
            return {"version": str(now), "pages": sorted(pages)}


class _Handler(SimpleHTTPRequestHandler):
    """Serves files with the headers of real hosts, so that authors meet the policy at home.

    It refuses requests that name another host: a page elsewhere cannot read the book.
    """

    changes: Changes | None = None
    """Whom pages ask what has changed, where an author writes."""

    extensions_map = {  # noqa: RUF012 - the base class declares it this way
        **SimpleHTTPRequestHandler.extensions_map,
        **MEDIA_TYPES,
    }

    def do_GET(self) -> None:
        if not self._allowed():
            return
        address = urlsplit(self.path)
        if self.changes is None:
            super().do_GET()
        elif address.path == _ASKED:
            version = parse_qs(address.query).get("since", [""])[0]
            self._send(json.dumps(self.changes.since(version)).encode(), "application/json")
        elif address.path == _SCRIPT:
            self._send((ASSETS / "site" / "preview.js").read_bytes(), MEDIA_TYPES[".js"])
        elif (page := self._page()) is not None:
            self._send(page, MEDIA_TYPES[".html"])
        else:
            super().do_GET()

    def _page(self) -> bytes | None:
        """A page with the script that asks for changes; `None` for any other file."""
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if self.path.endswith("/") else file
        if file.suffix != ".html" or not file.is_file():
            return None
        script = f'<script src="{_SCRIPT}"></script></body>'
        return file.read_bytes().replace(b"</body>", script.encode())

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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


def start_server(output: Path, port: int, changes: Changes | None = None) -> ThreadingHTTPServer:
    """Serve the edition at `output` in the background; port 0 takes any free one.

    With `changes` its pages ask for them and show themselves anew. Raises `BookError` where the
    port is taken.
    """

    class Handler(_Handler):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.changes = changes
            super().__init__(*args, directory=str(output), **kwargs)

    try:
        server = _Server((HOST, port), Handler)
    except OSError as error:
        hint = "Stop what uses it, or take another: --port 0 finds a free one."
        message = f"cannot be used: {error.strerror}"
        raise BookError([Finding(f"port {port}", "NB802", message, hint)]) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def follow_changes(root: Path, output: Path, make: Callable[[Set[Path]], None]) -> None:
    """Call `make` with the sources that have changed, and with none when no more do.

    Until it is interrupted.
    """

    def is_source(_change: object, path: str) -> bool:
        file = Path(path)
        if file.is_relative_to(output) or not file.is_relative_to(root):
            return False
        top, *below = file.relative_to(root).parts
        # Editors write hidden files and backups beside what they save, at any depth.
        if any(name.startswith(".") or name.endswith("~") for name in (top, *below)):
            return False
        return top == "_quarto.yml" or not top.startswith(_IGNORED)

    waiting = False
    for changes in watch(
        root,
        watch_filter=is_source,
        debounce=200,
        step=20,
        rust_timeout=_PAUSE,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        if changes:
            make({Path(path) for _, path in changes})
            waiting = True
        elif waiting:
            waiting = False
            make(set())
