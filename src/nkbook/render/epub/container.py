"""The container: the files of an EPUB as one zip with the same bytes every time."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from nkbook.render.archive import zip_entry

_MIMETYPE = "mimetype"


def write_container(target: Path, moment: datetime, files: Mapping[str, bytes]) -> None:
    """Write `mimetype`, first and stored, then `files` by name, all of one date."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in [(_MIMETYPE, b"application/epub+zip"), *sorted(files.items())]:
            entry = zip_entry(name, moment)
            if name == _MIMETYPE:
                entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, data, compresslevel=9)
