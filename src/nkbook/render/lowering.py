"""Turns an executed document into one Markdown text that pandoc reads, and the media it shows.

A figure or table that can be referred to becomes a `.nk-float` div with a caption and a body;
other cells become `.nk-cell` divs. What is shown of a cell depends on the format and is decided
later, so that all formats start from the same text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from nkbook.characters import is_formula
from nkbook.errors import Findings, nearest
from nkbook.model import FIGURE_MIME
from nkbook.render.active import check_drawing
from nkbook.render.cell_body import Shown, cell_body, lays_out
from nkbook.render.columns import COLUMNS
from nkbook.render.constructs import CHUNK
from nkbook.render.document import INLINE, Cell, Document
from nkbook.render.execution import Output, Result
from nkbook.render.matter import matter_markdown
from nkbook.render.outputs import fenced, joined, output_markdown, without_echoes
from nkbook.render.project import Project
from nkbook.render.shortcodes import expand
from nkbook.render.words import Language

_ATTACHMENT = re.compile(r"(?<=\()attachment:(?P<name>[^)\s\"']+)")
_SHOWN_CHUNK = re.compile(
    r"^(?P<fence>[ \t]*`{3,}[ \t]*)\{\{(?P<chunk>\w[^}\n]*)\}\}", re.MULTILINE
)
"""The first line of a chunk that Quarto only shows: its braces are doubled."""
_RAW = {"text/html": "html", "text/latex": "latex", "application/pdf": "latex"}
"""Formats that a raw cell may name, by the type that Jupyter writes."""
_DROPPED = frozenset({"text/restructuredtext", "text/x-rst", "text/asciidoc", "text/x-python"})


@dataclass(frozen=True)
class FigureRecord:
    """A figure that a cell drew with `show()`: the picture and where it comes from."""

    id: str
    chapter: str
    caption: str
    alt: str
    unit: str
    sources: tuple[str, ...]
    drawn_from: Mapping[str, Mapping[str, str]]
    """The records behind the plotted data, by kind and id: each in words or as a digest."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    code: str
    svg: str


@dataclass
class Lowered:
    """A chapter as Markdown, its media by path in the site, and its figures."""

    markdown: str
    language: Language
    """That of the words which the engine adds."""
    media: dict[str, bytes] = field(default_factory=dict)
    figures: list[FigureRecord] = field(default_factory=list)


def lower(
    document: Document,
    result: Result | None,
    project: Project,
    variables: Mapping[str, Any],
    findings: Findings,
) -> Lowered:
    """Write a document and its results as Markdown.

    `result` is `None` where the code failed: that was reported, and what it would show is unknown.
    """
    lowered = Lowered("", project.language)
    texts = [matter_markdown(document, project.language, findings)]
    for cell in document.cells:
        if cell.kind == "markdown":
            inline = result.inline.get(cell.number, []) if result else []
            source = _attached(cell, document, lowered, findings)
            texts.append(_markdown(cell, source, document, inline, project, variables, findings))
        elif cell.kind == "code":
            texts.append(_code(cell, document, result, lowered, findings))
        elif cell.source.strip():
            texts.append(_raw(cell))
    lowered.markdown = "\n\n".join(text for text in texts if text.strip()) + "\n"
    return lowered


def _raw(cell: Cell) -> str:
    """A raw cell: for the format that it names alone, or Markdown if it names none."""
    if cell.mime in _DROPPED:
        return ""
    form = _RAW.get(cell.mime, "")
    return fenced(cell.source, f"{{={form}}}") if form else cell.source


def _attached(cell: Cell, document: Document, lowered: Lowered, findings: Findings) -> str:
    """The text of a cell with its attached pictures as files of the site."""

    def file(match: re.Match[str]) -> str:
        name = unquote(match["name"])
        fault = f"no attachment “{name}” in this cell"
        hint = nearest(name, cell.attachments, "Paste the picture into the cell again.")
        if PurePosixPath(name).name != name:
            # A path could lead out of the edition.
            fault, hint = f"the attachment “{name}” is no plain file name", "Name it anew."
        elif name in cell.attachments:
            try:
                data = _picture(cell.attachments[name])
            except ValueError as error:
                fault = f"the attachment “{name}” cannot be read: {error}"
                hint = "Paste the picture into the cell again."
            else:
                chapter = PurePosixPath(document.file).with_suffix("")
                path = f"media/{chapter}-cell-{cell.number}-{name}"
                lowered.media[path] = data
                check_drawing(path, data, document.place(cell), findings)
                return quote(f"/{path}")
        findings.add("NB605", document.place(cell), fault, hint)
        return ""

    return _ATTACHMENT.sub(file, cell.source)


def _picture(attachment: Mapping[str, Any]) -> bytes:
    """The first form of an attachment; raises `ValueError` where it has none or is broken."""
    if not attachment:
        raise ValueError("it is empty")
    mime, data = next(iter(attachment.items()))
    text = str(joined(data))
    if mime == "image/svg+xml":
        return text.encode()
    return base64.b64decode("".join(text.split()), validate=True)


def _markdown(
    cell: Cell,
    source: str,
    document: Document,
    inline: Sequence[str],
    project: Project,
    variables: Mapping[str, Any],
    findings: Findings,
) -> str:
    values = iter(inline)
    text = INLINE.sub(lambda match: next(values, match[0]), source)
    # Pandoc knows no braces around a language: without this the code would run into one line.
    text = CHUNK.sub(lambda match: f"{match['fence']}{{.{match['language']}}}", text)
    text = _SHOWN_CHUNK.sub(r"\g<fence>{\g<chunk>}", text)
    return expand(
        text,
        place=document.place(cell),
        folder=(project.root / document.file).parent,
        root=project.root,
        variables=variables,
        metadata={**project.metadata, **document.front},
        findings=findings,
    )


def _code(
    cell: Cell, document: Document, result: Result | None, lowered: Lowered, findings: Findings
) -> str:
    options = cell.options
    if options.get("include") is False:
        return ""
    given = result.outputs.get(cell.number, []) if result and options.get("output", True) else []
    outputs = without_echoes(given)
    code = fenced(cell.source, _code_attributes(options)) if cell.source.strip() else ""
    before: list[str] = []
    shown: list[Shown] = []
    for index, output in enumerate(outputs):
        alt = cell.alt_of(sum(one.is_display for one in shown))
        text = _output(output, index, alt, cell, document, lowered, findings)
        if text and _stands_alone(output) and (cell.label or lays_out(cell)):
            before.append(text)
        elif text:
            shown.append(Shown(text, _is_display(output)))
    if result is None:
        # So that references to its label are not reported as well.
        counts = (len(cell.words(name)) for name in ("fig-cap", "fig-subcap", "tbl-subcap"))
        shown = [Shown("…", True)] * max(1, *counts)
    if cell.label.startswith("fig-") and shown:
        if not cell.caption:
            findings.add(
                "NB206",
                document.place(cell),
                "the figure has no caption",
                "Add a line `#| fig-cap: …` that says what the figure answers.",
            )
    elif cell.label.startswith("fig-") and options.get("eval", True):
        findings.add(
            "NB207",
            document.place(cell),
            "the figure cell shows nothing",
            "End it with `show(fig, …)` or with an expression that draws.",
        )
    body = _in_column(cell_body(cell, shown), cell, document.place(cell), findings)
    return "\n\n".join(
        filter(None, (f'::: {{.nk-cell cell="{cell.number}"}}', code, *before, body, ":::"))
    )


def _in_column(body: str, cell: Cell, place: str, findings: Findings) -> str:
    """What a cell shows, in the column of the page that it names."""
    scoped = {"fig": ("fig-column",), "tbl": ("tbl-column",)}
    kind = cell.label.partition("-")[0]
    names = (*scoped.get(kind, ("fig-column", "tbl-column")), "column")
    name = next((name for name in names if name in cell.options), "")
    if not name or not body:
        return body
    column = f"column-{cell.options[name]}"
    if column not in COLUMNS:
        known = [each.removeprefix("column-") for each in COLUMNS]
        hint = nearest(str(cell.options[name]), known, "Such as `page`, `screen` or `margin`.")
        findings.add("NB216", place, f"there is no column “{cell.options[name]}”", hint)
    return f"::::: {{.{column}}}\n\n{body}\n\n:::::"


def _stands_alone(output: Output) -> bool:
    """Whether an output is no part of the figure or table of its cell: warnings and errors."""
    return output.get("output_type") == "error" or output.get("name") == "stderr"


def _is_display(output: Output) -> bool:
    """Whether an output is one that can be a figure or table, or part of one."""
    return bool(output.get("data", {}).keys() - {"text/plain"})


def _code_attributes(options: Mapping[str, Any]) -> str:
    """The attributes of a cell's code, which is a listing if its options say so."""
    label = str(options.get("lst-label") or options.get("label", ""))
    if not label.startswith("lst-") or options.get("echo") is False:
        return "{.python .cell-code}"
    caption = _escaped(str(options.get("lst-cap", "")))
    return f'{{#{label} .python .cell-code lst-cap="{caption}"}}'


def _output(
    output: Output,
    index: int,
    alt: str,
    cell: Cell,
    document: Document,
    lowered: Lowered,
    findings: Findings,
) -> str:
    data = output.get("data", {})
    if FIGURE_MIME in data and "image/svg+xml" in data:
        return _shown(data, cell, document, lowered, findings)

    def picture(suffix: str, content: bytes) -> str:
        chapter = PurePosixPath(document.file).with_suffix("")
        path = f"media/{chapter}-{cell.label or f'cell-{cell.number}'}-{index}{suffix}"
        lowered.media[path] = content
        check_drawing(path, content, document.place(cell), findings)
        return _image(path, alt)

    return output_markdown(
        output,
        asis=cell.options.get("output") == "asis",
        language=lowered.language,
        picture=picture,
        remark=lambda what: findings.remark("NB305", document.place(cell), what),
    )


def _shown(
    data: Mapping[str, Any], cell: Cell, document: Document, lowered: Lowered, findings: Findings
) -> str:
    """A figure drawn with `show()`: these must have alt text, and they carry their evidence."""
    place = document.place(cell)
    evidence: Mapping[str, Any] = data[FIGURE_MIME]
    if not cell.label.startswith("fig-"):
        findings.add("NB208", place, "the figure has no label", "Add `#| label: fig-…`.")
        return ""
    if not cell.alt:
        hint = "Add a line `#| fig-alt: …` that tells what the picture shows."
        findings.add("NB209", place, "the figure has no alt text", hint)
    for name in ("unit", "sources", "columns", "rows"):
        if not evidence.get(name):
            hint = f"Pass `{name}=` or data that has it to show()."
            findings.add("NB210", place, f"the figure has no {name}", hint)
    for value in {value for row in evidence.get("rows") or () for value in row}:
        if isinstance(value, str) and is_formula(value):
            message = f"the plotted “{value[:40]}” begins like a formula, which a spreadsheet runs"
            findings.add("NB217", place, message, "Begin with a word.")
    if any(record.id == cell.label for record in lowered.figures):
        findings.add("NB211", place, "the cell shows two figures", "Use one cell for each.")
        return ""
    picture = joined(data["image/svg+xml"])
    check_drawing(f"{cell.label}.svg", picture.encode(), place, findings)
    lowered.figures.append(
        FigureRecord(
            id=cell.label,
            chapter=document.file,
            caption=cell.caption,
            alt=cell.alt,
            unit=str(evidence.get("unit", "")),
            sources=tuple(evidence.get("sources") or ()),
            drawn_from=evidence.get("drawn_from") or {},
            columns=tuple(evidence.get("columns") or ()),
            rows=tuple(tuple(row) for row in evidence.get("rows") or ()),
            code=cell.source,
            svg=picture,
        )
    )
    return _image(f"figures/{cell.label}.svg", cell.alt)


def _image(path: str, alt: str) -> str:
    return f'![](/{path}){{alt="{_escaped(alt)}"}}'


def _escaped(text: str) -> str:
    """Text as the value of an attribute."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
