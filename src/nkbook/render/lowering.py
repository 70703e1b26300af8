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

from nkbook.errors import Findings
from nkbook.model import FIGURE_MIME
from nkbook.render.document import INLINE, Cell, Document
from nkbook.render.execution import Output, Result
from nkbook.render.project import Project
from nkbook.render.shortcodes import expand

_IMAGES = {
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}


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
    lowered = Lowered("")
    texts: list[str] = []
    for cell in document.cells:
        if cell.kind == "markdown":
            inline = result.inline.get(cell.number, []) if result else []
            texts.append(_markdown(cell, document, inline, project, variables, findings))
        elif cell.kind == "code":
            texts.append(_code(cell, document, result, lowered, findings))
        elif cell.source.strip():
            texts.append(_fenced(cell.source, "{=html}"))
    lowered.markdown = "\n\n".join(text for text in texts if text.strip()) + "\n"
    return lowered


def _markdown(
    cell: Cell,
    document: Document,
    inline: Sequence[str],
    project: Project,
    variables: Mapping[str, Any],
    findings: Findings,
) -> str:
    values = iter(inline)
    text = INLINE.sub(lambda match: next(values, match[0]), cell.source)
    return expand(
        text,
        place=document.place(cell),
        folder=(project.root / document.file).parent,
        root=project.root,
        variables=variables,
        metadata=project.metadata,
        findings=findings,
    )


def _code(
    cell: Cell, document: Document, result: Result | None, lowered: Lowered, findings: Findings
) -> str:
    options = cell.options
    if options.get("include") is False:
        return ""
    outputs = result.outputs.get(cell.number, []) if result and options.get("output", True) else []
    code = _fenced(cell.source, _code_attributes(options)) if cell.source.strip() else ""
    body = "\n\n".join(
        text
        for index, output in enumerate(outputs)
        if (text := _output(output, index, cell, document, lowered, findings))
    )
    if result is None:
        body = "…"  # so that references to its label are not reported as well
    if cell.label.startswith("fig-") and body:
        if not cell.caption:
            findings.add(
                "NB206",
                document.place(cell),
                "the figure has no caption",
                "Add a line `#| fig-cap: …` that says what the figure answers.",
            )
        body = _float(cell.label, "fig", cell.caption, body)
    elif cell.label.startswith("tbl-") and body:
        body = _float(cell.label, "tbl", str(options.get("tbl-cap", "")), body)
    elif cell.label.startswith("fig-") and options.get("eval", True):
        findings.add(
            "NB207",
            document.place(cell),
            "the figure cell shows nothing",
            "End it with `show(fig, …)` or with an expression that draws.",
        )
    return f'::: {{.nk-cell cell="{cell.number}"}}\n\n{code}\n\n{body}\n\n:::'


def _code_attributes(options: Mapping[str, Any]) -> str:
    """The attributes of a cell's code, which is a listing if its options say so."""
    if not options.get("lst-label") or options.get("echo") is False:
        return "{.python .cell-code}"
    caption = _escaped(str(options.get("lst-cap", "")))
    return f'{{#{options["lst-label"]} .python .cell-code lst-cap="{caption}"}}'


def _float(label: str, kind: str, caption: str, body: str) -> str:
    return (
        f'::::: {{#{label} .nk-float kind="{kind}"}}\n\n'
        f":::: {{.nk-caption}}\n\n{caption}\n\n::::\n\n"
        f":::: {{.nk-body}}\n\n{body}\n\n::::\n\n:::::"
    )


def _output(
    output: Output,
    index: int,
    cell: Cell,
    document: Document,
    lowered: Lowered,
    findings: Findings,
) -> str:
    match output.get("output_type"):
        case "stream":
            if output.get("name") != "stdout":
                return ""
            text = str(_joined(output.get("text", "")))
            if cell.options.get("output") == "asis":
                return text
            return f"::: {{.cell-output}}\n\n{_fenced(text, '')}\n\n:::"
        case "display_data" | "execute_result":
            data = {key: _joined(value) for key, value in output.get("data", {}).items()}
        case _:
            return ""
    if FIGURE_MIME in data and "image/svg+xml" in data:
        return _shown(data, cell, document, lowered, findings)
    if "text/markdown" in data:
        return str(data["text/markdown"])
    for mime, suffix in _IMAGES.items():
        if mime in data:
            chapter = PurePosixPath(document.file).with_suffix("")
            path = f"media/{chapter}-{cell.label or f'cell-{cell.number}'}-{index}{suffix}"
            text = str(data[mime])
            lowered.media[path] = text.encode() if suffix == ".svg" else base64.b64decode(text)
            return _image(path, cell.alt)
    if "text/html" in data:
        return (
            '::: {.content-visible when-format="html"}\n\n'
            + _fenced(str(data["text/html"]), "{=html}")
            + '\n\n:::\n\n::: {.content-visible unless-format="html"}\n\n'
            + _fenced(str(data.get("text/plain", "")), "")
            + "\n\n:::"
        )
    if "text/plain" in data:
        return f"::: {{.cell-output}}\n\n{_fenced(str(data['text/plain']), '')}\n\n:::"
    return ""


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
    if any(record.id == cell.label for record in lowered.figures):
        findings.add("NB211", place, "the cell shows two figures", "Use one cell for each.")
        return ""
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
            svg=str(data["image/svg+xml"]),
        )
    )
    return _image(f"figures/{cell.label}.svg", cell.alt)


def _image(path: str, alt: str) -> str:
    return f'![](/{path}){{alt="{_escaped(alt)}"}}'


def _escaped(text: str) -> str:
    """Text as the value of an attribute."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _fenced(text: str, attributes: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{attributes}\n{text.rstrip()}\n{fence}"


def _joined(value: Any) -> Any:
    return "".join(value) if isinstance(value, list) else value
