"""Many readers at once, on the author's own server and on a real host's."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nkbook.render.serve import Changes, Server, start_server
from tests.books import FIGURE, TinyBook, code, markdown
from tests.hard.conftest import times

Count = Callable[[str, int], None]
READERS = 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tiny = TinyBook(tmp_path_factory.mktemp("crowd") / "book")
    tiny.bibliography()
    tiny.config["book"]["site-url"] = "https://example.org/"
    for name in ("one", "two"):
        figure = FIGURE.replace("fig-line", f"fig-{name}")
        tiny.chapter(name, markdown(f"# {name}\n\n" + "Words of a page. " * 2000), code(figure))
    result = tiny.build(("html", "epub"))
    assert result.exit_code == 0, result.output
    return tiny.root / "_site"


async def ask(server: Server, path: str) -> tuple[int, bytes]:
    """Status and body of an answer on a connection of its own."""
    parts = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    if b"chunked" in head.lower():
        body = b"".join(re.split(rb"\r?\n?[0-9a-f]+\r\n", body))
    return int(head.split()[1]), body


def test_two_hundred_readers_at_once(site: Path, survived: Count) -> None:
    server = start_server(site, 0)
    files = [file for file in sorted(site.rglob("*")) if file.is_file() and file.name[0] != "."]
    files = [file for file in files if file.suffix in {".html", ".svg", ".css", ".js", ".epub"}]

    async def read(number: int) -> int:
        served = 0
        for turn in range(times(3, 30)):
            file = files[(number * 7 + turn) % len(files)]
            status, body = await ask(server, f"/{file.relative_to(site).as_posix()}")
            assert (status, body) == (200, file.read_bytes()), file
            served += 1
        return served

    async def crowd() -> int:
        return sum(await asyncio.gather(*map(read, range(READERS))))

    survived("files served by `nkbook serve` to 200 readers at once", asyncio.run(crowd()))
    server.close()


def test_a_storm_of_reloads(site: Path, survived: Count) -> None:
    changes = Changes()
    server = start_server(site, 0, changes)
    rounds = times(2, 20)

    async def wait(version: int) -> None:
        status, body = await ask(server, f"/.nkbook/changes?since={version}")
        assert status == 200
        assert json.loads(body) == {"version": str(version + 1), "pages": ["index.html"]}
        status, body = await ask(server, "/index.html")
        assert status == 200
        assert b"preview.js" in body

    async def storm() -> None:
        for version in range(rounds):
            waiting = [asyncio.ensure_future(wait(version)) for _ in range(READERS)]
            await asyncio.sleep(0.3)
            changes.tell({"index.html"})
            await asyncio.gather(*waiting)

    asyncio.run(storm())
    server.close()
    survived("pages shown anew by 200 readers at once", rounds * READERS)
