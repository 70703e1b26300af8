"""Small projects and the structures that Quarto made of them, for machines without Quarto."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nkbook.errors import BookError, Finding
from nkbook.parity.engines import quarto_structures
from nkbook.parity.structure import Structure, from_json, to_json
from nkbook.paths import CONFIG
from nkbook.render.engines import quarto_version
from nkbook.render.progress import Progress

_FOLDER = Path("tests", "parity")


@dataclass(frozen=True)
class Small:
    """A small book project, and the file with what Quarto made of it."""

    project: Path
    recording: Path

    @property
    def name(self) -> str:
        """The name of the project."""
        return self.project.name

    def recorded(self) -> tuple[str, dict[str, Structure]]:
        """The version of Quarto and its structures by form; raises `BookError` without them."""
        try:
            return from_json(self.recording.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BookError(
                [
                    Finding(
                        f"{_FOLDER.as_posix()}/structures/{self.recording.name}",
                        "NP103",
                        f"what Quarto made of {self.name} cannot be read: {error}",
                        "Run `make parity` where Quarto is installed.",
                    )
                ]
            ) from error

    def record(self, progress: Progress) -> None:
        """Build the project with the Quarto on PATH and write down what it made."""
        structures = quarto_structures(self.project, progress)
        record = {
            "quarto": ".".join(map(str, quarto_version() or ())),
            "structures": {form: to_json(one) for form, one in structures.items()},
        }
        self.recording.parent.mkdir(exist_ok=True)
        text = json.dumps(record, ensure_ascii=False, indent=1)
        self.recording.write_text(text + "\n", encoding="utf-8")


def small_projects(root: Path) -> list[Small]:
    """The small projects that come with a book, by name."""
    folder = root / _FOLDER
    return [
        Small(file.parent, folder / "structures" / f"{file.parent.name}.json")
        for file in sorted((folder / "projects").glob(f"*/{CONFIG}"))
    ]
