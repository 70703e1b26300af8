"""How long an author waits for a page: from saving its chapter to reading it in `nkbook serve`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from benchmarks.runs import environment
from benchmarks.subjects import Subject

_ADDRESS = re.compile(r"http://[\d.:]+/")


def fresh_page(subject: Subject) -> float:
    """Seconds from a change of the chapter's text until a browser that waits for it has its page.

    Ends this program where the page that comes does not have the new words.
    """
    page = PurePosixPath(subject.chapter).with_suffix(".html").as_posix()
    with _serving(subject) as address:
        version = _asked(f"{address}.nkbook/changes?since=")["version"]
        started = time.perf_counter()
        subject.change_text("Words that nobody has read.")
        pages = None
        while pages is None or page not in pages:
            news = _asked(f"{address}.nkbook/changes?since={version}")
            version, pages = news["version"], news["pages"]
        with urllib.request.urlopen(f"{address}{page}") as answer:
            text = answer.read().decode()
        seconds = time.perf_counter() - started
    if "Words that nobody has read." not in text:
        sys.exit(f"the page of {subject.chapter} does not have its new words")
    return round(seconds, 2)


@contextmanager
def _serving(subject: Subject) -> Iterator[str]:
    """The address of a server that has made the whole book and waits for changes."""
    command = [sys.executable, "-m", "nkbook", "--quiet", "--project", str(subject.root), "serve"]
    server = subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert server.stdout
        for line in server.stdout:
            if found := _ADDRESS.search(line):
                yield found[0]
                return
        sys.exit(f"{' '.join(command)} ended before it served anything")
    finally:
        server.kill()
        server.wait()


def _asked(address: str) -> dict[str, str]:
    with urllib.request.urlopen(address) as answer:
        content: dict[str, str] = json.load(answer)
        return content
