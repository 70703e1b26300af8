"""Chapters as their authors wrote them: `.ipynb`, `.qmd` and `.md` files read into cells."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from nkbook.errors import Findings, nearest
from nkbook.render.project import Project

HONOURED_OPTIONS = frozenset(
    [
        "label",
        "fig-cap",
        "fig-alt",
        "tbl-cap",
        "lst-cap",
        "lst-label",
        "echo",
        "output",
        "eval",
        "include",
        "code-fold",
    ]
)
"""Cell options that have an effect, with Quarto's names (`#| name: value`)."""

INLINE = re.compile(r"`\{python\}\s+(?P<expression>[^`]+?)\s*`")
"""Quarto's inline code: a value in the middle of a sentence."""

_FENCE = re.compile(
    r"^(?P<fence>`{3,})\{python\}[^\n]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One cell. `number` counts all cells of the file from 1, as JupyterLab shows them."""

    number: int
    kind: str
    """`markdown`, `code` or `raw`."""
    source: str
    """Markdown, or code without its option lines."""
    options: Mapping[str, Any] = field(default_factory=dict)
    stored: tuple[Mapping[str, Any], ...] = ()
    """Outputs stored in the file, used when the project does not execute notebooks."""

    @property
    def label(self) -> str:
        """The label that cross-references use, or an empty string."""
        return str(self.options.get("label", ""))

    @property
    def caption(self) -> str:
        """The caption of its figure, in Markdown."""
        return str(self.options.get("fig-cap", ""))

    @property
    def alt(self) -> str:
        """What its figure shows, for those who do not see it; in one line."""
        return " ".join(str(self.options.get("fig-alt", "")).split())


@dataclass(frozen=True)
class Document:
    """A chapter's file as cells, with its front matter."""

    file: str
    cells: tuple[Cell, ...]
    front: Mapping[str, Any]

    @property
    def figures(self) -> tuple[Cell, ...]:
        """The cells of code that draw a figure which has a label."""
        return tuple(
            cell
            for cell in self.cells
            if cell.kind == "code"
            and cell.label.startswith("fig-")
            and cell.options.get("eval", True)
            and cell.options.get("include", True)
        )

    def place(self, cell: Cell | None = None) -> str:
        """How messages name a cell of this document."""
        if cell is None:
            return self.file
        if not self.file.endswith(".ipynb"):
            return self.file
        label = f" ({cell.label})" if cell.label else ""
        return f"{self.file}, cell {cell.number}{label}"

    def evaluating(self, default: bool) -> Document:
        """The document with `eval` on every code cell: its own, the document’s or `default`."""
        execute = self.front.get("execute")
        own = {**self.front, **(execute if isinstance(execute, dict) else {})}
        value = own.get("eval", default)
        cells = (
            replace(cell, options={"eval": value, **cell.options}) if cell.kind == "code" else cell
            for cell in self.cells
        )
        return replace(self, cells=tuple(cells))

    def find(self, text: str) -> str:
        """The place of the first cell with `text` as a whole word; the document if none has it."""
        whole = re.compile(re.escape(text) + r"(?![\w-])")
        for cell in self.cells:
            options = "\n".join(map(str, cell.options.values()))
            if whole.search(cell.source) or whole.search(options):
                return self.place(cell)
        return self.place()


def load_documents(project: Project, findings: Findings) -> list[Document]:
    """The chapters as they stand in their files, with what is to be run settled in each cell."""
    loaded = [load_document(project.root, entry.file, findings) for entry in project.entries]
    default = bool(project.execute.get("eval", True))
    return [document.evaluating(default) for document in loaded if document is not None]


def load_document(root: Path, file: str, findings: Findings) -> Document | None:
    """Read one chapter. Faults are added to `findings`; `None` where nothing could be read."""
    path = root / file
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        findings.add("NB201", file, f"is not UTF-8 text ({error.reason})", "Save it as UTF-8.")
        return None
    except OSError as error:
        findings.add("NB201", file, f"cannot be read: {error.strerror}", "Check the file.")
        return None
    if path.suffix == ".ipynb":
        return _from_notebook(file, text, findings)
    return _from_markdown(file, text, findings)


def _from_notebook(file: str, text: str, findings: Findings) -> Document | None:
    try:
        notebook = json.loads(text)
        if notebook["nbformat"] != 4:
            raise ValueError(f"nbformat is {notebook['nbformat']}")
        cells = [_raw_cell(cell, number) for number, cell in enumerate(notebook["cells"], 1)]
    except KeyError as error:
        cells, problem = None, f"it has no {error}"
    except (ValueError, TypeError, AttributeError) as error:
        cells, problem = None, str(error)
    if cells is None:
        findings.add(
            "NB202",
            file,
            f"is not a Jupyter notebook of format 4 ({problem})",
            "Open and save it in JupyterLab, or restore it from git.",
        )
        return None
    read: list[Cell] = []
    front: Mapping[str, Any] = {}
    for number, (kind, source, outputs) in enumerate(cells, 1):
        if number == 1 and kind in {"raw", "markdown"} and (match := _FRONT.match(source)):
            front = _front(file, match["yaml"], findings)
            source = source[match.end() :]
        if kind == "code":
            read.append(_code_cell(file, number, source, outputs, findings))
        else:
            read.append(Cell(number, kind, source))
    return Document(file, tuple(read), front)


def _raw_cell(cell: Any, number: int) -> tuple[str, str, tuple[Mapping[str, Any], ...]]:
    """Kind, source and outputs of a cell as it stands in the file."""
    try:
        source = cell.get("source", "")
        outputs = tuple(dict(output) for output in cell.get("outputs", ()))
        return (
            str(cell["cell_type"]),
            source if isinstance(source, str) else "".join(source),
            outputs,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"cell {number} is malformed") from error


def _from_markdown(file: str, text: str, findings: Findings) -> Document:
    front: Mapping[str, Any] = {}
    if match := _FRONT.match(text):
        front = _front(file, match["yaml"], findings)
        text = text[match.end() :]
    cells: list[Cell] = []
    position = 0
    matches = _FENCE.finditer(text) if file.endswith(".qmd") else ()
    for match in matches:
        if before := text[position : match.start()].strip("\n"):
            cells.append(Cell(len(cells) + 1, "markdown", before))
        cells.append(_code_cell(file, len(cells) + 1, match["code"].rstrip("\n"), (), findings))
        position = match.end()
    if rest := text[position:].strip("\n"):
        cells.append(Cell(len(cells) + 1, "markdown", rest))
    return Document(file, tuple(cells), front)


def _front(file: str, text: str, findings: Findings) -> Mapping[str, Any]:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        findings.add("NB203", file, f"front matter is not valid YAML: {error}", "Check the quotes.")
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _code_cell(
    file: str,
    number: int,
    source: str,
    stored: tuple[Mapping[str, Any], ...],
    findings: Findings,
) -> Cell:
    lines = source.split("\n")
    count = next((i for i, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    place = f"{file}, cell {number}"
    options: Mapping[str, Any] = {}
    try:
        loaded = yaml.safe_load("\n".join(line[2:] for line in lines[:count]))
        options = loaded if isinstance(loaded, dict) else {}
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "not valid YAML"
        findings.add(
            "NB204", place, f"cell options: {problem}", 'Put text that has a colon in "quotes".'
        )
    for name in options:
        if name not in HONOURED_OPTIONS:
            hint = nearest(str(name), HONOURED_OPTIONS, "Take the option away.")
            findings.add("NB205", place, f"unknown cell option “{name}”", hint)
    return Cell(number, "code", "\n".join(lines[count:]).strip("\n"), options, stored)
