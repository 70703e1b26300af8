"""Tiny whole books for tests: real files in a temporary folder, built by the real command."""

from __future__ import annotations

import copy
import csv
import os
import shutil
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import yaml
from click.testing import CliRunner, Result

from nkbook.checks import run_checks
from nkbook.cli import main
from nkbook.evidence.editions import last_record

FIGURE = """
#| label: fig-line
#| fig-cap: "A line that rises."
#| fig-alt: "One line from lower left to upper right."
from IPython.display import display

picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36"><path d="M0 36L72 0"/></svg>'
display(
    {
        "image/svg+xml": picture,
        "application/vnd.nkbook.figure+json": {
            "unit": "people", "sources": ["kim"], "columns": ["x"], "rows": [[1]],
        },
    },
    raw=True,
)
"""
"""A figure cell with its evidence, without waiting for matplotlib."""


def markdown(text: str) -> nbformat.NotebookNode:
    """A Markdown cell."""
    return nbformat.v4.new_markdown_cell(textwrap.dedent(text).strip())


def code(text: str) -> nbformat.NotebookNode:
    """A code cell."""
    return nbformat.v4.new_code_cell(textwrap.dedent(text).strip())


class TinyBook:
    """A book project with an index and any chapters that a test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config: dict[str, Any] = {
            "project": {"type": "book", "output-dir": "_site"},
            "book": {"title": "Tiny book", "author": "Ann Author", "chapters": ["index.qmd"]},
            "execute": {"enabled": True},
            "format": {"html": {}},
        }
        (root / "notebooks").mkdir(parents=True)
        self.write("index.qmd", "# Welcome {.unnumbered}\n\nHello.\n")

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def chapter(self, name: str, *cells: nbformat.NotebookNode, appendix: bool = False) -> Path:
        """Write a notebook and list it."""
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        notebook = nbformat.v4.new_notebook(cells=list(cells))
        file = self.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook, file)
        key = "appendices" if appendix else "chapters"
        self.config["book"].setdefault(key, []).append(f"notebooks/{name}.ipynb")
        return file

    def bibliography(self) -> None:
        """Give the book one source, `kim`."""
        self.write(
            "sources.bib",
            "@book{kim, author={Kim, Ann}, title={A Book}, publisher={House}, year={2020}}\n",
        )
        self.config["bibliography"] = "sources.bib"

    def save(self) -> None:
        """Write `_quarto.yml`."""
        text = yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True)
        (self.root / "_quarto.yml").write_text(text, encoding="utf-8")

    def commit(self, when: str) -> None:
        """Save and commit all but what a build makes, as at a moment such as 2026-01-02T03:04Z."""
        self.write(".gitignore", "_site\n_cache\n")
        self.save()
        date = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "Change")):
            subprocess.run(["git", *command], cwd=self.root, check=True, env={**os.environ, **date})

    def copied(self, root: Path) -> TinyBook:
        """The same book in another folder, with all that was built of it."""
        book = copy.deepcopy(self)
        book.root = Path(shutil.copytree(self.root, root))
        return book

    def run(self, *arguments: str) -> Result:
        """Run the command line on the book."""
        return CliRunner().invoke(main, ["--project", str(self.root), *arguments])

    def build(self, formats: Sequence[str] = ("html",), *options: str) -> Result:
        """Save and build with the portable engine."""
        self.save()
        return self.run("build", "--engine", "portable", "--format", ",".join(formats), *options)

    def page(self, name: str) -> str:
        """A page of the built site."""
        return (self.root / "_site" / name).read_text(encoding="utf-8")


_ROOT = Path(__file__).parents[1]
_PARTS = ("_quarto.yml", "index.qmd", "notebooks", "data", "figures", "assets")


class RealBook:
    """A copy of the sources of the real book, to change and to ask about."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in _PARTS:
            put = shutil.copytree if (_ROOT / name).is_dir() else shutil.copy2
            put(_ROOT / name, root / name)
        record = last_record(root)
        assert record
        self.edition = record.edition

    def swap(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no “{old}”"
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")

    def add(self, table: str, /, **cells: str) -> None:
        path = self.root / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            columns = next(csv.reader(stream))
        with path.open("a", encoding="utf-8", newline="") as stream:
            csv.DictWriter(stream, columns, lineterminator="\n").writerow(cells)

    def explain_change(self, kind: str, record: str, reason: str, **more: str) -> None:
        id = f"{record}-changed".replace("_", "-")
        row = {"id": id, "edition": self.edition, "date": "2026-11-28"}
        self.add("changes", **row, kind=kind, record=record, reason=reason, **more)

    def findings(self) -> list[str]:
        return [str(finding) for finding in run_checks(self.root)]

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--project", str(self.root), *arguments])
