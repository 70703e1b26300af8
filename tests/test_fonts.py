"""The fonts that the book ships can print the book."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def test_fonts_hold_every_hangul_syllable_of_the_book() -> None:
    script = ROOT / "scripts" / "build_fonts.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nHint: run `make fonts`."


def test_first_page_view_loads_little_type() -> None:
    core = list((ROOT / "assets" / "fonts" / "web").glob("*.core.woff2"))
    assert core
    assert sum(file.stat().st_size for file in core) < 150_000
