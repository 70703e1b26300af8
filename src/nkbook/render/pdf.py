"""The printed book: the book's tree as Typst markup, set by Typst as a tagged PDF.

What the elements look like is in `assets/print/book.typ`; this module only says which is which.
Nodes for which pandoc's writer is right are left to it; the others get Typst code around them.
"""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Literal

import typst

from nkbook.clock import day, edition_commit
from nkbook.errors import Findings
from nkbook.paths import ASSETS
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import KINDS, Book
from nkbook.render.single import require_alt_text, single_document
from nkbook.render.view import callout_parts, float_parts

STANDARDS: tuple[Literal["ua-1"], Literal["a-3a"]] = ("ua-1", "a-3a")
"""Tagged for everyone (PDF/UA-1) and fit to keep (PDF/A-3a)."""

_MAIN = "book-main.typ"
_PLACE = "the PDF edition"


def write_pdf(book: Book, staging: Path, target: Path, date: datetime) -> None:
    """Write the whole book to `target`; its images are read from `staging`. Raises `BookError`."""
    source = typst_source(book, date)
    folder = staging / ".print"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        for file in (ASSETS / "tokens.css", *sorted((ASSETS / "print").glob("*.typ"))):
            shutil.copyfile(file, folder / file.name)
        main = folder / _MAIN
        main.write_text(source, encoding="utf-8")
        target.write_bytes(_compile(main, staging, date, source, book))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def typst_source(book: Book, date: datetime) -> str:
    """The whole book as Typst markup."""
    project = book.project
    tree = single_document(book, "pdf")
    require_alt_text(tree, _PLACE)
    blocks = _Markup(int(project.option("pdf", "toc-depth", 2))).blocks(_records(tree))
    body = pandoc.write(
        blocks,
        ["--to", "typst-smart-citations", "--wrap", "none", "--eol", "lf"],
        place=_PLACE,
    )
    lang, _, region = project.lang.partition("-")
    settings = {
        "title": _string(project.title),
        "subtitle": _string(project.subtitle),
        "authors": f"({''.join(_string(author) + ', ' for author in project.authors)})",
        "description": _string(project.description),
        "lang": _string(lang),
        "region": _string(region) if region else "none",
        "edition": _string(day(date)),
        "commit": _string(edition_commit(project.root)),
        "licence": _string(project.licence),
        "date": f"datetime(year: {date.year}, month: {date.month}, day: {date.day})",
    }
    arguments = "".join(f"  {name}: {value},\n" for name, value in settings.items())
    return f'#import "book.typ": *\n\n#show: book.with(\n{arguments})\n\n{body}'


class _Markup:
    """Rewrites the tree for pandoc's Typst writer. Headings shift below the part they stand in."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.shift = 0
        self.record = False
        self.cited = False
        self.key = False

    def blocks(self, nodes: Any) -> Any:
        return ast.walk(nodes, self._visit)

    def _visit(self, node: Node) -> list[Node] | None:
        match node["t"]:
            case "Header":
                return self._heading(node)
            case "Div":
                return self._div(node)
            case "Span":
                return self._span(node)
            case "Image":
                return [_code_inline(_picture(node, block=False))]
            case "Para" | "Plain" if len(node["c"]) == 1 and node["c"][0]["t"] == "Image":
                return [_code(_picture(node["c"][0], block=True))]
            case "Figure":
                return self._figure(node)
            case "Table":
                return self._table(node, "", [])
            case "Link":
                return self._link(node)
            case "Cite":
                self.cited = True
                content = self.blocks(node["c"][1])
                self.cited = False
                return list(content)
            case "Math":
                text = node["c"][1]
                alt = _string(" ".join(text.split()))
                return [_code_inline(f"#[#set math.equation(alt: {alt});"), node, _code_inline("]")]
        return None

    def _heading(self, node: Node) -> list[Node]:
        level, (name, classes, pairs), title = node["c"]
        named = dict(pairs)
        number = _string(named.get("number", ""))
        if "part" in classes:
            self.shift = 0
            call = "#part("
        elif "chapter" in classes:
            self.shift = 1 if named.get("part") else 0
            kind = "appendix" if "appendix" in classes else "chapter"
            call = f'#chapter(level: {1 + self.shift}, kind: "{kind}", number: {number}'
        else:
            listed = "true" if level <= self.depth and "unlisted" not in classes else "false"
            call = (
                f"#section(level: {level + self.shift}, depth: {max(1, level - 1)}, "
                f"listed: {listed}, number: {number}"
            )
        return [_around(f"{call})[", self.blocks(title), "]" + _label(name))]

    def _div(self, node: Node) -> list[Node] | None:
        (name, classes, pairs), body = node["c"]
        if parts := float_parts(node):
            _, kind, number, caption, inner = parts
            label = f"{KINDS[kind]}\u00a0{number}"
            if kind == "tbl" and len(inner) == 1 and inner[0]["t"] == "Table":
                return self._table(inner[0], label, self.blocks(caption), name)
            function = "numbered-figure" if kind == "fig" else "numbered-table"
            return _float(function, label, self.blocks(caption), self.blocks(inner), name)
        if callout := callout_parts(node):
            kind, title, inner, _ = callout
            return [
                _around(f'#callout("{kind}", [', self.blocks(title), "])["),
                *self.blocks(inner),
                _code("]" + _label(name)),
            ]
        if "key-numbers" in classes:
            items = [item for node in body if node["t"] == "BulletList" for item in node["c"]]
            boxes = [self._key_number(item) for item in items]
            return [_code("#key-numbers("), *chain.from_iterable(boxes), _code(")" + _label(name))]
        if "pagebreak" in classes:
            return [_code("#pagebreak(weak: true)")]
        if call := next((_DIVS[css] for css in classes if css in _DIVS), ""):
            outer = self.record
            if call == "record":
                self.record = True
                # What is longer than a third of a column may break.
                call += f"(whole: {str(len(ast.stringify(body)) < 700).lower()})"
            inner = self.blocks(body)
            self.record = outer
            return [_code(f"#{call}["), *inner, _code("]" + _label(name))]
        if lang := dict(pairs).get("lang", ""):
            start = f"#[#set text(lang: {_string(lang)})"
            return [_code(start), *self.blocks(body), _code("]" + _label(name))]
        # A division that says nothing here would still close in the space around its lists.
        return None if name else list(self.blocks(body))

    def _key_number(self, item: list[Node]) -> list[Node]:
        """An item of the key numbers; its first number is the large one."""
        self.key = True
        box = [_code("["), *self.blocks(item), _code("],")]
        self.key = False
        return box

    def _span(self, node: Node) -> list[Node] | None:
        (name, classes, pairs), content = node["c"]
        if "testimony-speaker" in classes:
            call, close = "#speaker[", "]"
        elif lang := dict(pairs).get("lang", ""):
            call, close = f"#text(lang: {_string(lang)})[", "]"
        else:
            return None
        return [_code_inline(call), *self.blocks(content), _code_inline(close + _label(name))]

    def _link(self, node: Node) -> list[Node] | None:
        (_, classes, _), content, (address, _) = node["c"]
        content = self.blocks(content)
        if "stat" in classes and not self.record:
            call, self.key = "key-number" if self.key else "statistic", False
            content = [_code_inline(f"#{call}["), *content, _code_inline("]")]
        elif not classes and address.startswith("#") and not (self.record or self.cited):
            return [
                _code_inline(f"#see(label({_string(address[1:])}))["),
                *content,
                _code_inline("]"),
            ]
        return [{"t": "Link", "c": [["", [], []], content, [address, ""]]}]

    def _figure(self, node: Node) -> list[Node]:
        """A figure without a label: its caption, no number."""
        (name, _, _), caption, body = node["c"]
        words = [inline for block in caption[1] for inline in block["c"]]
        return _float("numbered-figure", "", self.blocks(words), self.blocks(body), name)

    def _table(self, node: Node, label: str, caption: list[Node], name: str = "") -> list[Node]:
        (own, classes, pairs), given, *rest = node["c"]
        words = caption or self.blocks([inline for block in given[1] for inline in block["c"]])
        attributes = ["", [*classes, "typst:no-figure"], pairs]
        table = {"t": "Table", "c": [attributes, [None, []], *self.blocks(rest)]}
        if not words and not label:
            return [_code("#unnumbered-table["), table, _code("]" + _label(own))]
        return _float("numbered-table", label, words, [table], name or own)


_DIVS = {
    "testimony": "testimony",
    "evidence": "record",
    "evidence-rows": "records",
    "csl-entry": "reference",
    "cell-output": "code-output",
}
"""Functions of `book.typ` for divisions by their class."""


def _records(blocks: list[Node]) -> list[Node]:
    """An unlisted heading with what follows it, such as a row of evidence, as one division."""
    grouped: list[Node] = []
    inside = False
    for node in blocks:
        if node["t"] == "Header":
            inside = "unlisted" in node["c"][1][1]
            if inside:
                grouped.append(ast.div(ast.attr("", ["evidence"]), [node]))
                continue
        if inside:
            grouped[-1]["c"][1].append(node)
        else:
            grouped.append(node)
    return _rows(grouped)


def _rows(blocks: list[Node]) -> list[Node]:
    """Long runs of rows of evidence, with the headings between them, as one division each."""
    result: list[Node] = []
    for together, nodes in groupby(blocks, lambda node: _is_row(node) or _is_section(node)):
        run = list(nodes)
        # The last heading belongs to the text that follows.
        end = len(run)
        while end and not _is_row(run[end - 1]):
            end -= 1
        if together and sum(map(_is_row, run)) >= _MANY_ROWS:
            result.append(ast.div(ast.attr("", ["evidence-rows"]), run[:end]))
            result.extend(run[end:])
        else:
            result.extend(run)
    return result


_MANY_ROWS = 24
"""So many rows fill several pages; fewer stay as wide as the text."""


def _is_row(node: Node) -> bool:
    return node["t"] == "Div" and "evidence" in node["c"][0][1]


def _is_section(node: Node) -> bool:
    return node["t"] == "Header" and not {"part", "chapter"} & set(node["c"][1][1])


def _float(
    function: str, label: str, caption: list[Node], body: list[Node], name: str
) -> list[Node]:
    start = f"#{function}(name: {_string(name) if name else 'none'}, {_string(label)}, ["
    return [_around(start, caption, "])["), *body, _code("]")]


def _picture(node: Node, *, block: bool) -> str:
    (_, _, pairs), _, (address, _) = node["c"]
    named = dict(pairs)
    width = ""
    if match := re.fullmatch(r"([\d.]+)(%|in|cm|mm|pt|px)", named.get("width", "")):
        number, unit = float(match[1]), match[2]
        width = f", width: {number * 0.75:g}pt" if unit == "px" else f", width: {number:g}{unit}"
    function = "picture" if block else "inline-picture"
    return f"#{function}({_string(address)}, {_string(named.get('alt', ''))}{width})"


def _code(text: str) -> Node:
    return ast.raw("typst", text)


def _code_inline(text: str) -> Node:
    return ast.raw_inline("typst", text)


def _around(start: str, content: list[Node], end: str) -> Node:
    return ast.plain([_code_inline(start), *content, _code_inline(end)])


def _label(name: str) -> str:
    return f"#label({_string(name)})" if name else ""


def _string(text: str) -> str:
    """`text` as a Typst string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f]", " ", escaped) + '"'


def _compile(main: Path, root: Path, date: datetime, source: str, book: Book) -> bytes:
    compiler = typst.Compiler(
        str(main),
        root=str(root),
        font_paths=[str(ASSETS / "fonts" / "print")],
        ignore_system_fonts=True,
    )
    findings = Findings()
    data: Any = b""
    complaints: list[Any]
    try:
        data, complaints = compiler.compile_with_warnings(
            format="pdf", pdf_standards=[*STANDARDS], timestamp=int(date.timestamp())
        )
    except typst.TypstError as error:
        complaints = [error]
    for complaint in complaints:
        text = complaint.diagnostic or f"error: {complaint.message}\n"
        for match in _COMPLAINT.finditer(text):
            _explain(match["message"], int(match["line"] or 0), source, book, findings)
    findings.raise_any()
    return bytes(data)


_COMPLAINT = re.compile(
    rf"^(?:error|warning): (?P<message>.*)(?:\n.*{re.escape(_MAIN)}:(?P<line>\d+))?", re.MULTILINE
)
_GLYPH = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed')


def _explain(message: str, line: int, source: str, book: Book, findings: Findings) -> None:
    """What Typst says, at the place in the chapters where its author can act on it."""
    before = "\n".join(source.splitlines()[:line]).count("\n#chapter(")
    chapter = book.chapters[before - 1] if 0 < before <= len(book.chapters) else None
    if match := _GLYPH.search(message):
        findings.add(
            "NB703",
            chapter.document.find(match["text"]) if chapter else _PLACE,
            f"no font of the printed book has the character “{match['text']}”",
            "Write it another way, or add a font that has it to assets/fonts/print.",
        )
        return
    findings.add(
        "NB704",
        chapter.document.file if chapter else _PLACE,
        f"Typst says: {message}",
        "Look for what is unusual in the markup of this chapter.",
    )
