"""Typst with the designs and fonts of `assets/`: sets markup as a tagged PDF.

What Typst complains of is told with the chapter where its author can act on it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from nkbook.errors import BookError, Finding, Findings
from nkbook.paths import ASSETS
from nkbook.render.document import Document
from nkbook.render.pdf_compositor import STANDARDS, Complaint, Compositor
from nkbook.render.pdf_markup import string
from nkbook.render.pdf_packing import pack
from nkbook.render.store import edition_of, made, named

PLACE = "the PDF edition"
"""Where faults are that no chapter has."""


class Press:
    """Sets documents of one edition with these images, in a folder of its own in `staging`."""

    def __init__(self, staging: Path, images: Mapping[str, bytes], date: datetime) -> None:
        self.images = images
        self.date = date
        self.folder = staging / ".print"
        self.fonts = ASSETS / "fonts" / "print"
        self.designs = [ASSETS / "tokens.css", *sorted((ASSETS / "print").glob("*.typ"))]
        self._idle: SimpleQueue[Compositor] = SimpleQueue()
        given = [*self.designs, *sorted(file for file in self.fonts.rglob("*") if file.is_file())]
        self._given = [edition_of("typst"), *STANDARDS, str(date.timestamp()), *map(named, given)]

    def __enter__(self) -> Press:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for file in self.designs:
            shutil.copyfile(file, self.folder / file.name)
        for path, data in self.images.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return self

    def __exit__(self, *_: object) -> None:
        while not self._idle.empty():
            self._idle.get().close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def set(self, name: str, source: str, documents: Sequence[Document]) -> bytes:
        """Markup as PDF. `documents` are those whose chapters it holds, in order.

        `name` is that of its file among others set at the same time. Raises `BookError`.
        """
        shown = (
            f"{path} {sha256(data).hexdigest()}"
            for path, data in sorted(self.images.items())
            # The path is written with a slash before it, or without.
            if string(path)[1:] in source
        )
        return made(
            ["pdf", *self._given, *shown, source], lambda: self._set(name, source, documents)
        )

    def _set(self, name: str, source: str, documents: Sequence[Document]) -> bytes:
        main = self.folder / f"main-{name}.typ"
        main.write_text(source, encoding="utf-8")
        target = main.with_suffix(".pdf")
        findings = Findings()
        for complaint in self._complaints(main, target):
            for match in _parts(main.name, complaint.diagnostic):
                line = int(match["line"] or 0)
                before = "\n".join(source.splitlines()[:line]).count("\n#chapter(")
                known = 0 < before <= len(documents)
                _explain(match["message"], documents[before - 1] if known else None, findings)
        findings.raise_any()
        data = target.read_bytes()
        target.unlink()
        return pack(data)

    def _complaints(self, source: Path, target: Path) -> Sequence[Complaint]:
        """Set `source` as `target` in a process that nobody else uses; what Typst complains of."""
        try:
            compositor = self._idle.get_nowait()
        except Empty:
            compositor = Compositor(self.fonts)
        try:
            complaints = compositor.set(source, target, int(self.date.timestamp()))
        except OSError as error:
            compositor.close()
            message = f"could not be set: {error}"
            hint = "Is memory free? The whole book wants two gigabytes of it."
            raise BookError([Finding(PLACE, "NB710", message, hint)]) from error
        self._idle.put(compositor)
        return complaints


def _parts(main: str, text: str) -> Any:
    """Messages with the line of the file `main` from which each comes, if it does."""
    place = rf"(?:\n.*{re.escape(main)}:(?P<line>\d+))?"
    return re.finditer(rf"^(?:error|warning): (?P<message>.*){place}", text, re.MULTILINE)


_GLYPH = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed')


def _explain(message: str, document: Document | None, findings: Findings) -> None:
    if match := _GLYPH.search(message):
        findings.add(
            "NB703",
            document.find(match["text"]) if document else PLACE,
            f"no font of the printed book has the character “{match['text']}”",
            "Write it another way, or add a font that has it to assets/fonts/print.",
        )
        return
    findings.add(
        "NB704",
        document.file if document else PLACE,
        f"Typst says: {message}",
        "Look for what is unusual in the markup of this chapter.",
    )
