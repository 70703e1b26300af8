"""Chapters as their authors wrote them: `.ipynb`, `.qmd` and `.md` files read into cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from nkbook.characters import find_hidden
from nkbook.errors import Findings, nearest
from nkbook.render import keys
from nkbook.render.addresses import is_own
from nkbook.render.project import Project
from nkbook.render.yaml_text import YamlError, read_yaml

INLINE = re.compile(r"`\{python\}\s+(?P<expression>[^`]+?)\s*`")
"""Quarto's inline code: a value in the middle of a sentence."""

_FENCE = re.compile(
    r"^(?P<fence>`{3,})\{python\}[^\n]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_TAGGED = {"code": "echo", "output": "output", "warnings": "warning"}
_OPTION = re.compile(r"^#\s*\| ?")
"""How an option of a cell begins; formatters of code write a space into it."""
_TAGS: Mapping[str, tuple[str, bool]] = {
    "remove-cell": ("include", False),
    "hide-cell": ("include", False),
    **{f"hide-{what}": (option, False) for what, option in _TAGGED.items()},
    **{f"show-{what}": (option, True) for what, option in _TAGGED.items()},
}
"""Options that a tag of Jupyter stands for, as in Quarto; those in the code of a cell win."""
_HALF = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
"""How JSON names a half of a character."""
_LARGEST = 100_000_000
"""Characters of a notebook; larger ones hold films or data."""
_ID = re.compile(r"^# .*\{[^}]*#([\w-]+)", re.MULTILINE)
"""The id of a chapter, in its title."""
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
    header: str = ""
    """The option lines of code, as they are written."""
    mime: str = ""
    """The type of a raw cell, such as `text/html`; empty if it has none."""
    attachments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pictures inside a Markdown cell: by name, then by their type."""

    @property
    def label(self) -> str:
        """The label that cross-references use, or an empty string."""
        return str(self.options.get("label", ""))

    @property
    def caption(self) -> str:
        """The captions of its figures, in Markdown."""
        return " ".join(self.words("fig-cap"))

    @property
    def alt(self) -> str:
        """What its figures show, for those who do not see them; in one line."""
        return " ".join(" ".join(self.words("fig-alt")).split())

    def alt_of(self, index: int) -> str:
        """What the output with this index shows: options give one text for all, or one for each."""
        texts = self.words("fig-alt")
        if not isinstance(self.options.get("fig-alt"), list):
            return self.alt
        return " ".join(texts[index].split()) if index < len(texts) else ""

    def words(self, name: str) -> list[str]:
        """The texts of an option that may have one or several; none where it is only set."""
        given = self.options.get(name)
        texts = given if isinstance(given, list) else [given]
        return [str(text) for text in texts if text is not None and not isinstance(text, bool)]


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

    @property
    def names(self) -> frozenset[str]:
        """What people call it: its file, with or without folder and ending, or its id."""
        path = PurePosixPath(self.file)
        title = next((cell.source for cell in self.cells if cell.kind == "markdown"), "")
        return frozenset([self.file, path.name, path.stem, *_ID.findall(title)[:1]])

    def place(self, cell: Cell | None = None) -> str:
        """How messages name a cell of this document."""
        if cell is None:
            return self.file
        if not self.file.endswith(".ipynb"):
            return self.file
        label = f" ({cell.label})" if cell.label else ""
        return f"{self.file}, cell {cell.number}{label}"

    def option(self, form: str, name: str, default: Any = None) -> Any:
        """An option of its front matter for a format, by Quarto's name of the format."""
        formats = self.front.get("format")
        for own in (formats.get(form) if isinstance(formats, dict) else None, self.front):
            if isinstance(own, dict):
                if name in own:
                    return own[name]
                if isinstance(own.get("execute"), dict) and name in own["execute"]:
                    return own["execute"][name]
        return default

    def executing(self, project: Mapping[str, Any]) -> Mapping[str, Any]:
        """How its code is run: its own front matter before `project`, that of the book."""
        execute = self.front.get("execute")
        own = {key: self.front[key] for key in ("eval", "error", "freeze") if key in self.front}
        return {**project, **own, **(execute if isinstance(execute, dict) else {})}

    def settled(self, project: Mapping[str, Any]) -> Document:
        """The document with what a run depends on, `eval` and `error`, on every code cell."""
        execute = self.executing(project)
        defaults = {"eval": execute.get("eval", True), "error": execute.get("error", False)}
        cells = (
            replace(cell, options={**defaults, **cell.options}) if cell.kind == "code" else cell
            for cell in self.cells
        )
        return replace(self, cells=tuple(cells))

    def runs(self, project: Mapping[str, Any]) -> bool:
        """Whether its code is run. As in Quarto, notebooks are run only when asked."""
        asked = {".ipynb": False, ".qmd": True}.get(PurePosixPath(self.file).suffix)
        return asked is not None and bool(self.executing(project).get("enabled", asked))

    def find(self, text: str) -> str:
        """The place of the first cell with `text` as a whole word; the document if none has it."""
        whole = re.compile(re.escape(text) + r"(?![\w-])")
        for cell in self.cells:
            options = "\n".join(f"{name}: {value}" for name, value in cell.options.items())
            if whole.search(cell.source) or whole.search(options):
                return self.place(cell)
        return self.place()


def load_documents(project: Project, findings: Findings) -> list[Document]:
    """The chapters as they stand in their files, with what is to be run settled in each cell."""
    loaded = [load_document(project.root, entry.file, findings) for entry in project.entries]
    return [document.settled(project.execute) for document in loaded if document is not None]


def find_named(documents: Sequence[Document], names: Iterable[str]) -> set[str]:
    """The files of the documents with these names. NB215: a name that no chapter has."""
    findings = Findings()
    for name in names:
        known = {own for document in documents for own in document.names}
        if name not in known:
            hint = nearest(name, known, "Name its file, such as chapter.ipynb, or its id, sec-….")
            findings.add("NB215", name, "no chapter has this name", hint)
    findings.raise_any()
    return {document.file for document in documents if document.names.intersection(names)}


def load_document(root: Path, file: str, findings: Findings) -> Document | None:
    """Read one chapter. Faults are added to `findings`; `None` where nothing could be read."""
    path = root / file
    try:
        if path.is_file() and not is_own(root, path):
            message = "is a link to a file outside the project"
            findings.add("NB201", file, message, "Put the chapter itself there.")
            return None
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        findings.add("NB201", file, f"is not UTF-8 text ({error.reason})", "Save it as UTF-8.")
        return None
    except OSError as error:
        findings.add("NB201", file, f"cannot be read: {error.strerror}", "Check the file.")
        return None
    read = _from_notebook if path.suffix == ".ipynb" else _from_markdown
    document = read(file, text, findings)
    if document is not None:
        _check_front(document, findings)
    return document


def _from_notebook(file: str, text: str, findings: Findings) -> Document | None:
    try:
        notebook = _notebook(text)
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
    for number, (kind, source, outputs, mime, attachments, tags) in enumerate(cells, 1):
        if number == 1 and kind in {"raw", "markdown"} and (match := _FRONT.match(source)):
            front = _front(file, match["yaml"], findings)
            source = source[match.end() :]
        if kind == "code":
            read.append(_code_cell(file, number, source, outputs, findings, tags))
        else:
            read.append(Cell(number, kind, source, mime=mime, attachments=attachments))
    return Document(file, tuple(read), front)


def _notebook(text: str) -> Any:
    """What the JSON of a notebook says. Raises `ValueError`."""
    if len(text) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST // 1_000_000} MB: take its outputs out")
    try:
        notebook = json.loads(text)
        if _HALF.search(text):
            # JSON may name half of a character, which no text can hold.
            json.dumps(notebook, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("lists lie in lists too deep") from error
    except UnicodeEncodeError as error:
        raise ValueError("it has half a character (a lone surrogate)") from error
    return notebook


_Raw = tuple[
    str, str, tuple[Mapping[str, Any], ...], str, Mapping[str, Mapping[str, Any]], Sequence[str]
]


def _raw_cell(cell: Any, number: int) -> _Raw:
    """Kind, source, outputs, type, attachments and tags of a cell as it stands in the file."""
    try:
        source = cell.get("source", "")
        outputs = tuple(map(_stored_output, cell.get("outputs", ())))
        metadata = dict(cell.get("metadata") or {})
        attachments = {str(k): dict(v) for k, v in (cell.get("attachments") or {}).items()}
        return (
            str(cell["cell_type"]),
            source if isinstance(source, str) else "".join(source),
            outputs,
            str(metadata.get("raw_mimetype") or ""),
            attachments,
            [str(tag) for tag in metadata.get("tags") or ()],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"cell {number} is malformed") from error


def _stored_output(given: Any) -> Mapping[str, Any]:
    """An output as the file has it. Raises `TypeError` where it is none of Jupyter's."""
    output: dict[str, Any] = dict(given)
    for name, value in {"text": output.get("text", ""), **dict(output.get("data") or {})}.items():
        lines = value if isinstance(value, list) else [value]
        if not name.endswith("json") and not all(isinstance(line, str) for line in lines):
            raise TypeError(f"{name} is no text")
    return output


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
        loaded = read_yaml(text)
    except YamlError as error:
        message = f"front matter is not valid YAML: {error.problem}"
        findings.add("NB203", error.place(file), message, "Check the quotes.")
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _check_front(document: Document, findings: Findings) -> None:
    """Remark on each key of the front matter without effect; `{{< meta key >}}` is one."""
    text = "\n".join(cell.source for cell in document.cells)
    for path, value in _paths(document.front):
        if reason := keys.idle_value(path, value):
            message = f"“{path}: {value}” in the front matter has no effect: {reason}"
            findings.remark("NB214", document.file, message)
        if keys.is_front(path) or re.search(rf"\{{\{{<\s*meta\s+{re.escape(path)}\b", text):
            continue
        reason = keys.front_reason(path)
        message = f"“{path}” in the front matter has no effect: {reason}"
        findings.remark("NB214", document.file, message)


def _paths(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted paths and values of keys; those below `format` and `execute` one by one."""
    for name, value in tree.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and path.split(".")[0] in {"format", "execute"}:
            yield from _paths(value, path + ".")
        else:
            yield path, value


def _code_cell(
    file: str,
    number: int,
    source: str,
    stored: tuple[Mapping[str, Any], ...],
    findings: Findings,
    tags: Sequence[str] = (),
) -> Cell:
    lines = source.split("\n")
    count = next((i for i, line in enumerate(lines) if not _OPTION.match(line)), len(lines))
    place = f"{file}, cell {number}"
    options: Mapping[str, Any] = {}
    try:
        loaded = read_yaml("\n".join(_OPTION.sub("", line) for line in lines[:count]))
        options = loaded if isinstance(loaded, dict) else {}
    except YamlError as error:
        hint = 'Put text that has a colon in "quotes".'
        findings.add("NB204", place, f"cell options: {error.problem}", hint)
    for name in map(str, options):
        if reason := keys.CELL_QUARTO_ONLY.get(name):
            message = f"the cell option “{name}” has no effect: {reason}"
            findings.remark("NB214", place, message)
        elif name not in keys.CELL_HONOURED:
            hint = nearest(name, keys.CELL_HONOURED, "Take the option away.")
            findings.add("NB205", place, f"unknown cell option “{name}”", hint)
    if hidden := find_hidden(source):
        message = f"the code has a character that nobody sees ({hidden})"
        hint = "Type the line again: it may do other than what it shows."
        findings.add("NB216", place, message, hint)
    header = "\n".join(lines[:count])
    given = options.get("tags") or ()
    told = [*tags, *([given] if isinstance(given, str) else given)]
    options = {**dict(_TAGS[tag] for tag in told if tag in _TAGS), **options}
    return Cell(
        number, "code", "\n".join(lines[count:]).strip("\n"), options, stored, header=header
    )
