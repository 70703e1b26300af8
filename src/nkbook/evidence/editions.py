"""What an edition said: a record of every id that a reader can cite.

A record holds no words of a testimony, only their digest, so that words which are withdrawn stay
in none. The records of published editions are in `data/editions/` and are never changed.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from nkbook.data import load_library
from nkbook.data.wording import counted
from nkbook.errors import BookError, Finding, nearest
from nkbook.evidence.markdown import body, years
from nkbook.evidence.usage import read_chapters
from nkbook.model import Series, Statistic, Testimony
from nkbook.paths import Paths

NOW = "now"
"""The name of the edition that the sources would make as they are."""

_KEPT = {"data", "figures", "notebooks"}
_SUFFIXES = (".csv", ".json", ".ipynb")
"""Of a zip, only what a record is made of is unpacked, ..."""
_LARGEST = 2_000_000_000
"""... and nothing of one that would unpack to more bytes."""

_NOTE = "note"
_NUMBERED = re.compile(r"\d+\.\d+\.\d+")

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Printed:
    """A statistic as an edition printed it."""

    label: str
    text: str
    """The number with its unit: “53,000–65,000 people”."""
    as_of: str
    value: float | None
    low: float | None
    high: float | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class EditionRecord:
    """What an edition said, by id."""

    edition: str
    date: str
    statistics: Mapping[str, Printed]
    testimonies: Digests
    """Digest of the words, the speaker and the source."""
    series: Digests
    """Digest of all verified rows."""
    figures: Digests
    """Digest of the plotted data."""
    sources: Mapping[str, str]
    """Who and when, so that an id that is gone can still be told."""
    chapters: Mapping[str, str]
    """Titles by the name of the file."""


# Making a record ------------------------------------------------------------------------------


def record_edition(root: Path, edition: str, date: str) -> EditionRecord:
    """The record of the book at `root` as its sources are now.

    Raises `BookError` where the data have faults.
    """
    library = load_library(root)
    return EditionRecord(
        edition,
        date,
        {id: _printed(item) for id, item in sorted(library.statistics.items()) if item.verified},
        {id: digest_testimony(item) for id, item in sorted(library.testimonies.items())},
        {id: digest_series(item) for id, item in sorted(library.series.items())},
        _plotted(Paths(root).figures),
        {id: f"{body(item)}, {years(item)}" for id, item in sorted(library.sources.items())},
        {PurePosixPath(chapter.link).stem: chapter.title for chapter in read_chapters(root)},
    )


def _printed(item: Statistic) -> Printed:
    text = counted(item.text, item.unit)
    return Printed(
        item.label, text, item.as_of, item.value, item.low, item.high, tuple(item.sources)
    )


def digest_testimony(item: Testimony) -> str:
    """SHA-256 of what a testimony says, who said it and where it was published."""
    return _digest([item.excerpt, item.speaker, item.source])


def digest_series(series: Series) -> str:
    """SHA-256 of what a series says: unit and verified rows, whatever order or notes they have."""
    rows = sorted(
        [row.year, row.entity, row.source, repr(row.value), repr(row.low), repr(row.high)]
        for row in series.rows
        if row.verified
    )
    return _digest([series.unit, rows])


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _plotted(folder: Path) -> dict[str, str]:
    """Digests of the plotted data, whatever is noted of them, of the figures in a folder."""
    found = {}
    for file in sorted(folder.glob("fig-*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            rows = [{**row, _NOTE: ""} for row in csv.DictReader(stream)]
        found[file.stem] = _digest(rows)
    return found


def keep_record(root: Path, edition: str, date: str) -> Path:
    """Write the record of an edition that is published, and return its file.

    Raises `BookError` where it is recorded already, or where `edition` is not three numbers.
    """
    file = records_folder(root) / f"{edition}.json"
    if not _NUMBERED.fullmatch(edition):
        hint = "Such as 0.2.0."
        raise BookError([Finding(edition, "NE104", "is not the number of an edition", hint)])
    if file.exists():
        message = "this edition is recorded already"
        hint = "What was published does not change: give the next edition a number of its own."
        raise BookError([Finding(f"data/editions/{file.name}", "NE105", message, hint)])
    file.parent.mkdir(parents=True, exist_ok=True)
    record = asdict(record_edition(root, edition, date))
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    file.write_text(text, encoding="utf-8")
    return file


# Reading records ------------------------------------------------------------------------------


def records_folder(root: Path) -> Path:
    """Where the records of the published editions of a book are."""
    return Paths(root).data / "editions"


def recorded_editions(root: Path) -> list[str]:
    """The names of the recorded editions, oldest first."""
    names = (file.stem for file in records_folder(root).glob("*.json"))
    return sorted(
        filter(_NUMBERED.fullmatch, names), key=lambda name: [int(part) for part in name.split(".")]
    )


def last_record(root: Path) -> EditionRecord | None:
    """The record of the last published edition, if there is one."""
    names = recorded_editions(root)
    return read_record(records_folder(root) / f"{names[-1]}.json") if names else None


def read_record(file: Path) -> EditionRecord:
    """The record in a file. Raises `BookError` where it is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        printed = {
            id: Printed(**{**item, "sources": tuple(item["sources"])})
            for id, item in content.pop("statistics").items()
        }
        return EditionRecord(**content, statistics=printed)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"is no record of an edition: {error}"
        hint = "Records are written by `nkbook record` and never by hand."
        raise BookError([Finding(file.name, "NE101", message, hint)]) from error


def find_record(root: Path, edition: str) -> EditionRecord:
    """The record that `edition` names: a recorded edition, `now`, or a built one (folder or zip).

    Raises `BookError` where it names none of them.
    """
    if edition == NOW:
        return record_edition(root, NOW, "")
    if edition in recorded_editions(root):
        return read_record(records_folder(root) / f"{edition}.json")
    with _opened(Path(edition)) as folder:
        if folder:
            return record_edition(folder, edition, "")
    known = [*recorded_editions(root), NOW]
    hint = nearest(edition, known, f"Known: {', '.join(known)}; or name a folder or a zip.")
    raise BookError([Finding(edition, "NE102", "there is no such edition", hint)])


@contextmanager
def _opened(path: Path) -> Iterator[Path | None]:
    """The folder with the data of a built edition, unpacked for as long as the block lasts."""
    with TemporaryDirectory() as temporary:
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
                if size > _LARGEST:
                    message = f"would unpack to {size / 1e9:.1f} GB"
                    raise BookError([Finding(path.name, "NE109", message, "Fetch it again.")])
                for name in archive.namelist():
                    # Names that climb out of the folder lose the part that does, as ever.
                    if _KEPT & set(PurePosixPath(name).parts) and name.endswith(_SUFFIXES):
                        archive.extract(name, temporary)
            path = Path(temporary)
        found = sorted(path.glob("data/datapackage.json")) or sorted(
            path.glob("*/data/datapackage.json")
        )
        yield found[0].parent.parent if found else None
