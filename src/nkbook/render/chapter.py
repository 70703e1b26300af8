"""The book as one structure, before any format: chapters, numbers, and what can be referred to.

Quarto's rules: chapters are numbered through all parts, appendices by letter; sections, figures and
all else with a label carry the chapter's number; an unnumbered chapter has none. Every format
starts from here, so all of them agree on what a reader can point at.
"""

from __future__ import annotations

import functools
import os
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from nkbook.errors import Finding, Findings, nearest
from nkbook.render import ast, pandoc
from nkbook.render.addresses import is_inside, join_path
from nkbook.render.ast import Node
from nkbook.render.code import annotate
from nkbook.render.columns import place_notes, widen
from nkbook.render.constructs import check_constructs
from nkbook.render.document import Document
from nkbook.render.elements import is_part, lower_elements, numbered_kind, unnumbered_kind
from nkbook.render.embeds import read_embeds
from nkbook.render.formulas import settle_formulas
from nkbook.render.labels import CROSSREF, Words, is_reference, label_of
from nkbook.render.lowering import FigureRecord, Lowered
from nkbook.render.outputs import read_html
from nkbook.render.pictures import Pictures
from nkbook.render.project import Entry, Project
from nkbook.render.reads import Reads
from nkbook.render.words import Language

_SAFE_SCHEMES = {"http", "https", "mailto", "doi"}


@dataclass(frozen=True)
class Target:
    """Something with an id: what references to it print and which chapter holds it."""

    id: str
    chapter: int
    kind: str
    """`chapter`, `anchor` or one of `labels.KINDS`."""
    number: str = ""
    title: str = ""

    @property
    def is_label(self) -> bool:
        """Whether its id was given to be referred to: a heading “Equal-sized” makes `eq-…`, too."""
        prefix = CROSSREF.match(self.id)
        return prefix is not None and (self.kind != "sec" or prefix[0] == "sec-")


@dataclass(frozen=True)
class Heading:
    """A heading below the chapter's title."""

    id: str
    level: int
    number: str
    content: tuple[Node, ...]
    listed: bool = True
    """Whether tables of contents name it (`{.unnumbered .unlisted}` keeps it out)."""


@dataclass
class Chapter:
    """One chapter: its blocks without the title, and what is known of them."""

    entry: Entry
    document: Document
    title: list[Node]
    id: str
    number: str
    """What is printed before its title: empty if the book or the chapter has no numbers."""
    count: int
    """Its place among the chapters or appendices that count; 0 if it does not."""
    blocks: list[Node]
    language: Language
    """That of the book, in which its label is written."""
    part: str = ""
    """The title of the part it stands in, or an empty string."""
    headings: list[Heading] = field(default_factory=list)
    figures: list[FigureRecord] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)

    @property
    def title_text(self) -> str:
        """The title without markup."""
        return ast.stringify(self.title)

    @property
    def label(self) -> str:
        """What stands before the title: “Chapter 2”, “Appendix A” or nothing."""
        if not self.number:
            return ""
        kind = "Appendix" if self.entry.kind == "appendix" else "Chapter"
        return f"{self.language.word(kind)} {self.number}"

    def ordinal(self, more: int = 0) -> str:
        """“2” or “B”: what the numbers of its sections, figures and tables begin with.

        Each further heading of level 1 begins with the next, `more` places on, as in Quarto.
        """
        count = self.count + more
        return _letters(count) if self.entry.kind == "appendix" else str(count)

    @functools.cached_property
    def description(self) -> str:
        """The chapter in a sentence: its front matter's, else the first of its text.

        Every page of the site names it, so it is found once, when the book is whole.
        """
        if given := self.document.front.get("description"):
            return " ".join(str(given).split())
        first = next((node for node in self.blocks if node["t"] == "Para"), None)
        plain = ast.walk([first], lambda node: [] if node["t"] == "Cite" else None) if first else []
        text = ast.stringify(plain)
        sentence = re.match(r".{20,}?[.!?](?=\s|$)", text)
        return sentence[0] if sentence else text

    @functools.cached_property
    def minutes(self) -> int:
        """Reading time in minutes, at 230 words a minute (Brysbaert 2019: 238 for non-fiction)."""
        return max(1, round(len(ast.stringify(self.blocks).split()) / 230))


@dataclass
class Book:
    """All chapters in order, and everything in them that has an id."""

    project: Project
    chapters: list[Chapter]
    targets: Mapping[str, Target]
    anchors: Mapping[tuple[int, str], Target]
    remarks: tuple[Finding, ...] = ()
    """What has no effect or was left out, to be told when the book is built."""
    reads: tuple[Reads, ...] = ()
    """What the outputs of its chapters rest on beside their code."""

    @property
    def figures(self) -> list[FigureRecord]:
        """The figures of all chapters in order."""
        return [figure for chapter in self.chapters for figure in chapter.figures]

    @functools.cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each chapter, by its file."""
        return {chapter.entry.file: index for index, chapter in enumerate(self.chapters)}


def build_book(
    project: Project,
    documents: Sequence[Document],
    lowered: Mapping[str, Lowered],
    citations: set[str],
    findings: Findings,
) -> Book:
    """Number everything and resolve every reference within the book.

    `citations` are the keys of the bibliography. Faults are added to `findings`; raises `BookError`
    with all of them where pandoc cannot read a chapter.
    """
    entries = {entry.file: entry for entry in project.entries}
    counters = {"chapter": 0, "appendix": 0}
    chapters: list[Chapter] = []
    # Pandoc works outside of Python: threads fill all cores.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        read = [pool.submit(_read, lowered[document.file], document.file) for document in documents]
    for document, reading in zip(documents, read, strict=True):
        text, entry = lowered[document.file], entries[document.file]
        with findings.collecting():
            blocks = reading.result()
            chapters.append(_draft(project, entry, document, text, blocks, counters, findings))

    if len(chapters) < len(documents):
        # References to what could not be read would all be reported, too.
        findings.raise_any()

    titles = {c.entry.file: c.title_text for c in chapters if c.entry.kind == "part"}
    for chapter in chapters:
        chapter.part = titles.get(chapter.entry.part, chapter.entry.part)

    return _number_all(project, chapters, {}, citations, findings)


def renew_book(
    book: Book,
    documents: Mapping[int, Document],
    lowered: Mapping[str, Lowered],
    citations: set[str],
    findings: Findings,
) -> Book | None:
    """The book with these chapters, by position, as they are now; `None` where all may change.

    What others say of them, such as the numbers of their figures, stays as it was.
    """
    chapters = list(book.chapters)
    for index, document in documents.items():
        old, text = chapters[index], lowered[document.file]
        counters = dict.fromkeys(("chapter", "appendix"), old.count - 1)
        blocks = _read(text, document.file)
        new = _draft(book.project, old.entry, document, text, blocks, counters, findings)
        if (new.id, new.number, bool(new.count)) != (old.id, old.number, bool(old.count)):
            return None
        new.part, chapters[index] = old.part, new
    known = {key: target for key, target in book.anchors.items() if key[0] not in documents}
    return _number_all(book.project, chapters, known, citations, findings)


def _number_all(
    project: Project,
    chapters: list[Chapter],
    known: Mapping[tuple[int, str], Target],
    citations: set[str],
    findings: Findings,
) -> Book:
    """Number chapters and resolve their references, but for those whose ids are `known`."""
    targets: dict[str, Target] = {}
    anchors = dict(known)
    settled: dict[int, list[Target]] = {}
    for (index, _), target in known.items():
        settled.setdefault(index, []).append(target)
    for index, chapter in enumerate(chapters):
        own: Iterable[Target] = settled.get(index, ())
        if index not in settled:
            own = _number(chapter, index, project.words, _numbered_depth(project, chapter))
        for target in own:
            # Only labels must be unique in the book; ids made from headings are a page's own.
            if target.id in targets and target.is_label:
                other = chapters[targets[target.id].chapter].entry.file
                findings.add(
                    "NB601",
                    chapter.document.find(target.id),
                    f"the id “{target.id}” is used twice (also in {other})",
                    "Give one of the two another id.",
                )
            targets.setdefault(target.id, target)
            anchors[index, target.id] = target
    book = Book(project, chapters, targets, anchors)
    for index, chapter in enumerate(chapters):
        if index not in settled:
            chapter.blocks = _resolve(book, index, citations, findings)
    return book


def _draft(
    project: Project,
    entry: Entry,
    document: Document,
    text: Lowered,
    blocks: list[Node],
    counters: dict[str, int],
    findings: Findings,
) -> Chapter:
    """A chapter before its elements have numbers. Raises `BookError`."""
    blocks = read_embeds(blocks, document, findings)
    check_constructs(document, blocks, findings)
    chapter = _chapter(project, entry, document, blocks, counters)
    chapter.blocks = settle_formulas(chapter.blocks, document, findings)
    chapter.figures, chapter.media = text.figures, text.media
    return chapter


def _read(text: Lowered, file: str) -> list[Node]:
    return read_html(pandoc.parse(text.markdown, place=file), file)


def _chapter(
    project: Project,
    entry: Entry,
    document: Document,
    blocks: list[Node],
    counters: dict[str, int],
) -> Chapter:
    first = next((i for i, n in enumerate(blocks) if n["t"] == "Header" and n["c"][0] == 1), None)
    identifier, classes, title = "", [], _front_title(document)
    if first is not None and not title:
        (identifier, classes, _), title = blocks[first]["c"][1], blocks[first]["c"][2]
        blocks = blocks[:first] + blocks[first + 1 :]
    name = PurePosixPath(document.file).stem
    # As in Quarto, a home page with a title of its own is a chapter.
    counts = bool(title) and "unnumbered" not in classes and entry.kind != "part"
    counter = "appendix" if entry.kind == "appendix" else "chapter"
    counters[counter] += counts
    blocks = widen(place_notes(blocks))
    chapter = Chapter(
        entry=entry,
        document=document,
        title=title or ast.inlines(name),
        id=identifier or name,
        number="",
        count=counters[counter] if counts else 0,
        blocks=lower_elements(annotate(blocks)),
        language=project.language,
    )
    # Appendices keep their letters, as in Quarto.
    if counts and (entry.kind == "appendix" or _numbered_depth(project, chapter)):
        chapter.number = chapter.ordinal()
    return chapter


def _front_title(document: Document) -> list[Node]:
    """The title that the front matter gives, which may have formatting and notes."""
    given = str(document.front.get("title") or "")
    blocks = pandoc.parse(given, place=document.file) if given else []
    return list(blocks[0]["c"]) if blocks and blocks[0]["t"] == "Para" else ast.inlines(given)


def _numbered_depth(project: Project, chapter: Chapter) -> int:
    """Down to which level headings print their numbers; 0 if none does."""
    settings = {**project.metadata, **chapter.document.front}
    if not settings.get("number-sections", True):
        return 0
    depth = settings.get("number-depth", 9)
    return depth if isinstance(depth, int) else 9


def _letters(count: int) -> str:
    """A, B, … Z, AA, AB, …"""
    before, last = divmod(count - 1, 26)
    return (_letters(before) if before else "") + string.ascii_uppercase[last]


def _number(chapter: Chapter, index: int, words: Words, depth: int) -> Iterator[Target]:
    """Number a chapter's sections and elements in place, and give every id it holds.

    Headings print their numbers down to the level `depth`.
    """
    yield Target(chapter.id, index, "chapter", chapter.number, chapter.title_text)
    deepest = max((node["c"][0] for node in ast.nodes(chapter.blocks, "Header")), default=1)
    levels = [0] * deepest
    counts: Counter[str] = Counter()
    whole, parts = "", 0
    prefix = f"{chapter.ordinal()}." if chapter.count else ""
    further = 0
    inner = set(_inner_headings(chapter.blocks))
    for node in ast.nodes(chapter.blocks):
        name = ast.identifier(node)
        if node["t"] == "Header":
            level, (_, classes, _), content = node["c"]
            number = ""
            if chapter.count and "unnumbered" not in classes and level == 1:
                further += 1
                levels, counts = [0] * deepest, Counter()
                number = chapter.ordinal(further)
                prefix = f"{number}."
            elif chapter.count and "unnumbered" not in classes:
                levels[level - 1] += 1
                levels[level:] = [0] * (deepest - level)
                number = prefix + ".".join(map(str, levels[1:level]))
            number = number if depth else ""
            listed = not {"unnumbered", "unlisted"} <= {*classes} and name not in inner
            printed = number if level <= depth else ""
            chapter.headings.append(Heading(name, level, printed, tuple(content), listed))
            yield Target(name, index, "sec", number, ast.stringify(content))
        elif kind := numbered_kind(node):
            pairs = node["c"][0][2]
            if is_part(node):
                parts += 1
                mark = f"({_letters(parts).lower()})"
                number = f"{whole}\u00a0{mark}"
                pairs += [["mark", mark]]
            else:
                counts[kind] += 1
                whole, parts = f"{prefix}{counts[kind]}", 0
                number = whole
            label = f"{words.titles[kind]}\u00a0{number}"
            pairs += [["number", number], ["label", label], ["delimiter", words.delimiter]]
            yield Target(name, index, kind, number)
        elif kind := unnumbered_kind(node):
            node["c"][0][2] += [["label", words.titles[kind]]]
            if name:
                yield Target(name, index, "anchor")
        elif name:
            yield Target(name, index, "anchor")


_SEEN_THROUGH = frozenset({"nk-cell", "content-visible", "content-hidden"})
"""Classes of divisions that editions do not have: what is in them stands by itself."""


def _inner_headings(blocks: list[Node]) -> Iterator[str]:
    """Ids of headings in divisions that open with something else, such as one column of a layout.

    As in pandoc, no table of contents names them.
    """
    for node in blocks:
        if node["t"] == "Div":
            (_, classes, _), inner = node["c"]
            if (inner and inner[0]["t"] == "Header") or not _SEEN_THROUGH.isdisjoint(classes):
                yield from _inner_headings(inner)
            else:
                yield from map(ast.identifier, ast.nodes(inner, "Header"))


def _resolve(book: Book, index: int, citations: set[str], findings: Findings) -> list[Node]:
    """References, links and images of one chapter, checked and made independent of any format.

    A link inside the book gets the target `nk:<chapter index>#<id>`, a local file `nk-file:<path>`.
    """
    chapter = book.chapters[index]
    project = book.project
    document = chapter.document
    folder = PurePosixPath(document.file).parent
    drawn = {f"figures/{figure.id}.svg" for figure in chapter.figures}
    pictures = Pictures(document, project.root, project.language, chapter.media, drawn, findings)

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "Cite":
            return cite(node)
        if node["t"] == "Link":
            attributes, content, (address, title) = node["c"]
            content = ast.walk(content, visit)
            resolved = link(address)
            if resolved is None:
                return list(content)
            return [{"t": "Link", "c": [attributes, content, [resolved, title]]}]
        if node["t"] == "Image":
            return [pictures.resolve(node)]
        return None

    def cite(node: Node) -> list[Node] | None:
        items = node["c"][0]
        for item in items:
            item["citationId"] = label_of(item["citationId"])
        crossrefs = [item for item in items if is_reference(item["citationId"])]
        others = [item for item in items if not is_reference(item["citationId"])]
        for item in others:
            key = item["citationId"]
            if key not in citations:
                findings.add(
                    "NB603",
                    document.find(f"@{key}"),
                    f"unknown citation “@{key}”",
                    nearest(key, citations, "It is not in the bibliography."),
                )
        unknown = [item["citationId"] for item in others if item["citationId"] not in citations]
        if unknown:
            return ast.inlines(" ".join(f"@{key}" for key in unknown))
        if not crossrefs:
            return None
        out: list[Node] = []
        for item in crossrefs:
            key = item["citationId"]
            # Where an id is used twice, a chapter refers to its own first.
            target = book.anchors.get((index, key)) or book.targets.get(key)
            if target is None or target.kind == "anchor":
                findings.add(
                    "NB602",
                    document.find(f"@{key}"),
                    f"unknown cross-reference “@{key}”",
                    nearest(key, [t for t in book.targets if is_reference(t)], "No such label."),
                )
                out += ast.inlines(f"?@{key}")
                continue
            words = reference_text(book, target, item)
            link = ast.link(words, f"nk:{target.chapter}#{key}", ast.attr("", ["quarto-xref"]))
            out += [*ast.inlines(", "), link] if out else [link]
        if others:
            # Pandoc reads “@fig-x [@key]” as one citation; the two say different things.
            for item in others:
                item["citationMode"] = {"t": "NormalCitation"}
            out += [{"t": "Space"}, {"t": "Cite", "c": [others, []]}]
        return out

    def link(address: str) -> str | None:
        """Where a link leads; `None` if it leads nowhere."""
        parts = urlsplit(address)
        if parts.scheme and parts.scheme not in _SAFE_SCHEMES:
            findings.add(
                "NB606",
                document.find(address),
                f"a link to “{parts.scheme}:” is not allowed",
                "Links may use https, http or mailto, or name a file of the book.",
            )
        if parts.scheme or parts.netloc:
            return address
        if not parts.path and (index, parts.fragment) not in book.anchors:
            # As in Quarto, `#id` alone finds an id anywhere in the book.
            if target := book.targets.get(parts.fragment):
                return f"nk:{target.chapter}#{parts.fragment}"
            findings.add(
                "NB604",
                document.find(address),
                f"link to “{address}”: no heading or anchor of the book has this id",
                nearest(parts.fragment, book.targets, "Check the id after the #."),
            )
            return None
        path = join_path(folder, unquote(parts.path)) if parts.path else document.file
        if path in book.positions:
            number = book.positions[path]
            if parts.path and parts.fragment and (number, parts.fragment) not in book.anchors:
                known = [name for chapter, name in book.anchors if chapter == number]
                findings.add(
                    "NB604",
                    document.find(address),
                    f"link to “{address}”: there is no “#{parts.fragment}” in {path}",
                    nearest(parts.fragment, known, "Check the id after the #."),
                )
                return f"nk:{number}#"
            return f"nk:{number}#{parts.fragment}"
        if not is_inside(path) or not (project.root / path).is_file():
            findings.add(
                "NB604",
                document.find(address),
                f"link to “{address}”: there is no such chapter or file",
                nearest(path, book.positions, "The path is relative to the chapter."),
            )
            return None
        if parts.fragment and PurePosixPath(path).suffix in {".ipynb", ".md", ".qmd"}:
            findings.add(
                "NB604",
                document.find(address),
                f"link to “{address}”: {path} is no chapter of the book",
                "List it in _quarto.yml, or link to the file without a place in it.",
            )
        else:
            # What a chapter links to goes along with the site, as in Quarto.
            chapter.media.setdefault(path, (project.root / path).read_bytes())
        return f"nk-file:{path}"

    walked: list[Node] = ast.walk(chapter.blocks, visit)
    chapter.title = ast.walk(chapter.title, visit)
    return walked


def reference_text(book: Book, target: Target, item: Mapping[str, Any]) -> list[Node]:
    """What a cross-reference prints: “Figure 2.1”, “Section 2.3”, “Chapter 2”, “Appendix A”."""
    if item["citationMode"]["t"] == "SuppressAuthor":
        return ast.inlines(target.number)
    if item["citationPrefix"]:
        words = [*item["citationPrefix"], *ast.inlines("\u00a0" + target.number)]
        return list(words)
    if not target.number:
        return ast.inlines(target.title)
    chapter = book.chapters[target.chapter]
    if target.kind == "chapter":
        return ast.inlines(chapter.label.replace(" ", "\u00a0"))
    name = book.project.words.prefixes[target.kind]
    if target.kind == "sec" and "." not in target.number:
        # A further heading of level 1 is a chapter by its number.
        further = "Appendix" if chapter.entry.kind == "appendix" else "Chapter"
        name = book.project.language.word(further)
    return ast.inlines(f"{name}\u00a0{target.number}")
