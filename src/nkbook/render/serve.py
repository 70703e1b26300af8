"""A server for the author's own machine: shows the edition, and pages anew that changed.

Tornado, which Jupyter brings, finds files and sends ranges, compressed text and what is not
modified; what is ours are the headers that real hosts are told, the page of what is not there, and
the news for pages that are open.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Set
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import (
    Application,
    GZipContentEncoding,
    HTTPError,
    RequestHandler,
    StaticFileHandler,
)
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
_WAITING = 512
"""Connections that may wait in line; a page's many pictures are asked for at once."""


class Changes:
    """What has changed since the server began, for the pages that are open."""

    def __init__(self) -> None:
        self._told: list[Set[str]] = []
        self._waiting: set[asyncio.Future[None]] = set()
        self._lock = threading.Lock()

    def tell(self, pages: Set[str]) -> None:
        """Tell of pages that are not as they were, from any thread."""
        if not pages:
            return
        with self._lock:
            self._told.append(pages)
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            future.get_loop().call_soon_threadsafe(_end, future)

    async def since(self, version: str) -> dict[str, Any]:
        """The version now, and the pages that changed since `version`, as soon as some have."""
        with self._lock:
            news = asyncio.get_running_loop().create_future()
            is_waiting = version == str(len(self._told))
            if is_waiting:
                self._waiting.add(news)
        if is_waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news, _PATIENCE)
        with self._lock:
            self._waiting.discard(news)
            now = len(self._told)
            known = version.isdecimal() and int(version) <= now
            if version and not known:
                # Of a server that was here before: anything may have changed.
                return {"version": str(now), "pages": None}
            pages = set[str]().union(*self._told[int(version or now) :])
            return {"version": str(now), "pages": sorted(pages)}


def _end(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class _Answer(RequestHandler):
    """What all answers have in common.

    Requests that name another host are refused: a page elsewhere cannot read the book.
    """

    @property
    def edition(self) -> Path:
        """The folder of the edition."""
        return Path(self.settings["edition"])

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        # A browser keeps what it has, and asks each time whether that is still so.
        self.set_header("Cache-Control", "no-cache")
        for name, value in told_headers(self.edition).items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if self.request.host_name not in {HOST, "localhost"}:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Say nothing of what a reader asked for in vain, or of one who left."""
        if not isinstance(error, HTTPError | StreamClosedError):
            super().log_exception(kind, error, trace)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer as hosts do: what is not there is said by the site's own page."""
        page = self.edition / "404.html"
        if status_code == HTTPStatus.NOT_FOUND and page.is_file():
            self.set_header("Content-Type", MEDIA_TYPES[".html"])
            self.finish(page.read_bytes())
        else:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            refused = status_code == HTTPStatus.MISDIRECTED_REQUEST
            told = "This server answers only to localhost" if refused else self._reason
            self.finish(f"{told}\n")


class _File(_Answer, StaticFileHandler):
    """A file of the edition, with the headers of real hosts: authors meet the policy at home."""

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        if "\0" in absolute_path:
            raise HTTPError(HTTPStatus.NOT_FOUND)  # no file has such a name
        return super().validate_absolute_path(root, absolute_path)

    def get_content_type(self) -> str:
        suffix = Path(str(self.absolute_path)).suffix
        return MEDIA_TYPES.get(suffix) or super().get_content_type()


class _Page(_File):
    """A file of the edition; a page has the script that asks for changes."""

    async def get(self, path: str, include_body: bool = True) -> None:
        self.path = self.parse_url_path(path)
        found = self.get_absolute_path(self.root, self.path)
        file = self.validate_absolute_path(self.root, found)
        if file is None:
            return  # a folder: its page has another address
        if not file.endswith(".html"):
            await super().get(path, include_body)
            return
        self.absolute_path = file
        script = f'<script src="{_SCRIPT}"></script></body>'
        self.set_header("Content-Type", MEDIA_TYPES[".html"])
        self.write(Path(file).read_bytes().replace(b"</body>", script.encode()))


class _News(_Answer):
    """Tells a page what has changed, as soon as something has."""

    async def get(self) -> None:
        self.write(await self.settings["changes"].since(self.get_query_argument("since", "")))


class _Script(_Answer):
    """The script that asks."""

    def get(self) -> None:
        self.set_header("Content-Type", MEDIA_TYPES[".js"])
        self.write((ASSETS / "site" / "preview.js").read_bytes())


class _Compressed(GZipContentEncoding):
    """Compresses whole texts; a part of one is sent as its bytes are."""

    def transform_first_chunk(
        self, status_code: int, headers: Any, chunk: bytes, finishing: bool
    ) -> tuple[int, Any, bytes]:
        self._gzipping = self._gzipping and status_code != HTTPStatus.PARTIAL_CONTENT
        return super().transform_first_chunk(status_code, headers, chunk, finishing)


class Server:
    """A server that runs in the background until it is closed."""

    def __init__(self, application: Application, port: int) -> None:
        """Raises `OSError` where the port is taken."""
        self._sockets = bind_sockets(port, HOST, backlog=_WAITING)
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(application, started), daemon=True)
        self._thread.start()
        started.wait()

    @property
    def address(self) -> str:
        """Where the edition can be seen."""
        return f"http://{HOST}:{self._sockets[0].getsockname()[1]}/"

    def close(self) -> None:
        """Stop serving, and free the port."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, application: Application, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)

        async def begin() -> HTTPServer:
            server = HTTPServer(application)
            server.add_sockets(self._sockets)
            return server

        server = self._loop.run_until_complete(begin())
        started.set()
        self._loop.run_forever()
        server.stop()
        self._loop.run_until_complete(server.close_all_connections())
        self._loop.close()


def start_server(output: Path, port: int, changes: Changes | None = None) -> Server:
    """Serve the edition at `output` in the background; port 0 takes any free one.

    With `changes` its pages ask for them and show themselves anew. Raises `BookError` where the
    port is taken.
    """
    options = {"path": str(output), "default_filename": "index.html"}
    rules: list[Any] = [(r"/(.*)", _Page if changes else _File, options)]
    if changes:
        rules = [(_ASKED, _News), (_SCRIPT, _Script), *rules]
    application = Application(
        rules,
        transforms=[_Compressed],
        edition=str(output),
        changes=changes,
        # Files change while it runs.
        static_hash_cache=False,
        # The terminal belongs to the build.
        log_function=lambda _: None,
    )
    try:
        return Server(application, port)
    except OSError as error:
        hint = "Stop what uses it, or take another: --port 0 finds a free one."
        message = f"cannot be used: {error.strerror}"
        raise BookError([Finding(f"port {port}", "NB802", message, hint)]) from error


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
