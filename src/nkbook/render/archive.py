"""Zip archives with the same bytes every time: sorted names, one date, no owner."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

_STORED = {".epub", ".pdf", ".png", ".jpg", ".parquet", ".woff2", ".zip"}
"""Suffixes of what is packed already."""
_YEARS = (1980, 2107)
"""The years that zips know."""


def write_zip(target: Path, entries: Mapping[str, Path | bytes], date: datetime) -> None:
    """Write the zip `target`, dated `date`, of files or bytes by their names in the archive."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in sorted(entries.items()):
            data = content if isinstance(content, bytes) else content.read_bytes()
            archive.writestr(zip_entry(name, date), data, compresslevel=9)


def zip_entry(name: str, date: datetime) -> zipfile.ZipInfo:
    """An entry that tells of nobody, of this date or the nearest that a zip can name."""
    first, last = (datetime(year, 1, 1, tzinfo=date.tzinfo) for year in _YEARS)
    entry = zipfile.ZipInfo(name, min(max(date, first), last).timetuple()[:6])
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    stored = Path(name).suffix in _STORED
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return entry
