"""Zip archives with the same bytes every time: sorted names, one date, no owner."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

_STORED = {".epub", ".pdf", ".png", ".jpg", ".woff2", ".zip"}


def write_zip(target: Path, folder: Path, files: Iterable[Path], top: str, date: datetime) -> None:
    """Write `files` of `folder` into the zip `target` under a folder `top`, dated `date`."""
    stamp = max(date, datetime(1980, 1, 1, tzinfo=date.tzinfo)).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(files, key=lambda path: path.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(f"{top}/{file.relative_to(folder).as_posix()}", stamp)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            stored = file.suffix in _STORED
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes(), compresslevel=9)
