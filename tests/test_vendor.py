"""What the site ships of others is what they published."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def check(root: Path) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / "vendor.py"
    return subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)


def test_vendored_files_are_those_that_were_published() -> None:
    done = check(ROOT)
    assert done.returncode == 0, done.stdout


def test_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "assets/site/vendor", tmp_path / "assets/site/vendor")
    file = tmp_path / "assets/site/vendor/minisearch.js"
    file.write_text(file.read_text(encoding="utf-8") + "//", encoding="utf-8")
    file.with_name("minisearch-licence.txt").unlink()
    done = check(tmp_path)
    assert done.returncode == 1
    assert "minisearch.js" in done.stdout
    assert "minisearch-licence.txt" in done.stdout
