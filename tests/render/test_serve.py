"""The author's own server: the edition alone, to this machine alone, as real hosts send it."""

from __future__ import annotations

import gzip
import http.client
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nkbook.render.serve import start_server
from tests.books import TinyBook

WORDS = b"words that are not of the edition"


class Served:
    """A tiny edition on a server."""

    def __init__(self, book: TinyBook) -> None:
        assert book.build().exit_code == 0
        self.site = book.root / "_site"
        self.server = start_server(self.site, 0)
        parts = urlsplit(self.server.address)
        self.place = (str(parts.hostname), int(parts.port or 0))

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of an answer."""
        connection = http.client.HTTPConnection(*self.place, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": "localhost", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.headers.items()), body


@pytest.fixture
def served(tiny: TinyBook) -> Iterator[Served]:
    (tiny.root / "secret.txt").write_bytes(WORDS)
    served = Served(tiny)
    yield served
    served.server.close()


def test_it_serves_the_edition_on_this_machine_alone(served: Served) -> None:
    assert served.place[0] == "127.0.0.1"
    status, headers, body = served.ask("/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"Tiny book" in body
    assert "Server" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert served.ask("/", "HEAD")[2] == b""


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_it_answers_to_its_own_name_alone(served: Served, host: str) -> None:
    status, _, body = served.ask("/", Host=host)
    assert status in {400, 421}
    assert b"Tiny book" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(served: Served, method: str) -> None:
    assert served.ask("/", method)[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/assets/../../secret.txt",
        "/link.txt",
        "/folder/secret.txt",
        "/x%00.txt",
        "/" + "x" * 5000,
    ],
)
def test_it_never_leaves_the_edition(served: Served, path: str) -> None:
    (served.site / "link.txt").symlink_to(served.site.parent / "secret.txt")
    (served.site / "folder").symlink_to(served.site.parent)
    status, _, body = served.ask(path)
    assert status in {400, 403, 404}
    assert WORDS not in body


def test_a_page_that_is_not_there_is_the_sites_own(served: Served) -> None:
    status, headers, body = served.ask("/no/such/page.html")
    assert status == 404
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert body == (served.site / "404.html").read_bytes()


def test_a_folder_leads_to_its_page(served: Served) -> None:
    (served.site / "part").mkdir()
    (served.site / "part" / "index.html").write_text("A part")
    assert served.ask("/part")[0] == 301
    assert served.ask("/part/")[2] == b"A part"


def test_parts_of_a_file(served: Served) -> None:
    (served.site / "film.txt").write_bytes(bytes(range(256)) * 100)
    status, headers, body = served.ask("/film.txt", Range="bytes=10-19", Accept_Encoding="gzip")
    assert status == 206
    assert headers["Content-Range"] == "bytes 10-19/25600"
    assert body == bytes(range(10, 20))
    assert served.ask("/film.txt", Range="bytes=-6")[2] == bytes(range(250, 256))
    assert served.ask("/film.txt", Range="bytes=99999-")[0] == 416


def test_text_is_compressed_and_kept_by_the_browser(served: Served) -> None:
    whole = (served.site / "index.html").read_bytes()
    status, headers, body = served.ask("/", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == whole
    assert len(body) < len(whole) / 2
    assert headers["Cache-Control"] == "no-cache"
    status, _, body = served.ask("/", If_None_Match=headers["Etag"])
    assert (status, body) == (304, b"")
    (served.site / "index.html").write_bytes(whole + b" ")
    assert served.ask("/", If_None_Match=headers["Etag"])[0] == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.epub", "application/epub+zip"),
        ("x.svg", "image/svg+xml"),
        ("x.js", "text/javascript; charset=utf-8"),
        ("x.woff2", "font/woff2"),
        ("x.pdf", "application/pdf"),
        ("x.zip", "application/zip"),
        ("x.unknown", "application/octet-stream"),
    ],
)
def test_files_have_their_types(served: Served, name: str, kind: str) -> None:
    (served.site / name).write_bytes(b"x")
    assert served.ask(f"/{name}")[1]["Content-Type"] == kind


def test_a_reader_who_leaves_early_is_no_fault(served: Served, capfd) -> None:  # type: ignore[no-untyped-def]
    (served.site / "large.pdf").write_bytes(bytes(50_000_000))
    with socket.create_connection(served.place) as connection:
        at_once = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        connection.sendall(b"GET /large.pdf HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert served.ask("/")[0] == 200
    assert capfd.readouterr().err == ""


def test_closing_frees_the_port(served: Served) -> None:
    served.server.close()
    start_server(served.site, served.place[1]).close()
    served.server = start_server(Path(served.site), 0)
