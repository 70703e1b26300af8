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
from typing import Any, Literal

import typst

from nkbook.errors import Findings
from nkbook.paths import ASSETS
from nkbook.render.document import Document
from nkbook.render.pdf_markup import string
from nkbook.render.pdf_packing import pack
from nkbook.render.store import edition_of, made

PLACE = "the PDF edition"
"""Where faults are that no chapter has."""

STANDARDS: tuple[Literal["ua-1"], Literal["a-3a"]] = ("ua-1", "a-3a")
"""Tagged for everyone (PDF/UA-1) and fit to keep (PDF/A-3a)."""


class Press:
    """Sets documents of one edition with these images, in a folder of its own in `staging`."""

    def __init__(self, staging: Path, images: Mapping[str, bytes], date: datetime) -> None:
        self.images = images
        self.date = date
        self.folder = staging / ".print"
        fonts = ASSETS / "fonts" / "print"
        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)])
        self.designs = [ASSETS / "tokens.css", *sorted((ASSETS / "print").glob("*.typ"))]
        given = [*self.designs, *sorted(file for file in fonts.rglob("*") if file.is_file())]
        self._given = [edition_of("typst"), *STANDARDS, str(date.timestamp()), *map(_named, given)]

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
        compiler = typst.Compiler(str(main), root=str(self.folder), font_paths=self.fonts)
        data: Any = b""
        complaints: list[Any]
        try:
            data, complaints = compiler.compile_with_warnings(
                format="pdf", pdf_standards=[*STANDARDS], timestamp=int(self.date.timestamp())
            )
        except typst.TypstError as error:
            complaints = [error]
        findings = Findings()
        for complaint in complaints:
            text = complaint.diagnostic or f"error: {complaint.message}\n"
            for match in _complaints(main.name, text):
                line = int(match["line"] or 0)
                before = "\n".join(source.splitlines()[:line]).count("\n#chapter(")
                known = 0 < before <= len(documents)
                _explain(match["message"], documents[before - 1] if known else None, findings)
        findings.raise_any()
        return pack(bytes(data))


def _named(file: Path) -> str:
    return f"{file.name} {sha256(file.read_bytes()).hexdigest()}"


def _complaints(main: str, text: str) -> Any:
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
