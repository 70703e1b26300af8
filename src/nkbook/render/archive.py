"""Zip archives with the same bytes every time: sorted names, one date, no owner."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

_STORED = {".epub", ".pdf", ".png", ".jpg", ".parquet", ".woff2", ".zip"}


def write_zip(target: Path, entries: Mapping[str, Path | bytes], date: datetime) -> None:
    """Write the zip `target`, dated `date`, of files or bytes by their names in the archive."""
    stamp = max(date, datetime(1980, 1, 1, tzinfo=date.tzinfo)).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            stored = Path(name).suffix in _STORED
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            data = content if isinstance(content, bytes) else content.read_bytes()
            archive.writestr(entry, data, compresslevel=9)
