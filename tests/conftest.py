from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, expect, sync_playwright

from nkbook.render.serve import start_server
from tests.books import TinyBook
from tests.epubs import Check, running_epubcheck

ROOT = Path(__file__).parents[1]

_CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


# What is awaited comes at once, or late on a busy machine; the five seconds of Playwright are few.
expect.set_options(timeout=30_000)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyBook:
    """A new tiny book."""
    return TinyBook(tmp_path / "book")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run that all processes of pytest-xdist see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def copy_book(folder: Path) -> None:
    """Copy the files of this book as git knows them: what a reader would get."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    # A downloaded archive has no git: then every file that a build did not make.
    made = shutil.ignore_patterns(".*", "_*", "__pycache__", "node_modules")
    if listed.returncode:
        shutil.copytree(ROOT, folder, ignore=made)
        shutil.copyfile(ROOT / "_quarto.yml", folder / "_quarto.yml")
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


@pytest.fixture(scope="session")
def clone(shared: Path) -> Path:
    """A clean copy of the book, built once by the real command; nobody changes it."""
    folder = shared / "clone" / "book"
    with FileLock(shared / "clone.lock"):
        if not (folder / "_site").exists():
            copy_book(folder)
            done = subprocess.run(
                [sys.executable, "-m", "nkbook", "build", "--engine", "portable"],
                cwd=folder,
                capture_output=True,
                text=True,
                env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
            )
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def site(clone: Path) -> Path:
    """The whole real book as readers get it."""
    return clone / "_site"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the real book is served, with a slash at its end."""
    server = start_server(site, 0)
    yield server.address
    server.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """A real Chromium. Continuous integration must have one; elsewhere its tests are skipped."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: .ci/run installs it")
        pytest.skip("Chromium is not installed: the tests in a browser were not run")
    return program


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A running Chromium.

    It ends with its module: Playwright keeps an event loop running that builds cannot share.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def check_epub() -> Iterator[Check]:
    """A function that gives what EPUBCheck finds in a file."""
    with running_epubcheck() as check:
        yield check
