"""The container: the files of an EPUB as one zip with the same bytes every time."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

_STORED = (".png", ".jpg", ".woff2")
"""Suffixes of what is packed already."""


def write_container(target: Path, moment: datetime, files: Mapping[str, bytes]) -> None:
    """Write `mimetype`, first and stored, then `files` by name, all of one date."""
    stamp = (max(moment.year, 1980), *moment.timetuple()[1:6])
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in [("mimetype", b"application/epub+zip"), *sorted(files.items())]:
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            stored = name == "mimetype" or name.endswith(_STORED)
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=9)
