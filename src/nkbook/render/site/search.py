"""What a reader can search: the book as short documents, packed into one script.

The browser makes the index itself (`assets/site/scripts/search/`) when a reader first opens search,
so that only the words travel. Even they are more than a reader on a slow line should wait for: of a
row of evidence only its own words are kept, and frequent words are written as one letter.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Chapter
from nkbook.render.elements import Float, callout_parts, float_parts

CHAPTERS = "Chapters"
FLOATS = {"fig": "Figures", "tbl": "Tables", "lst": "Listings"}
TESTIMONIES = "Testimonies"

# Private characters that stand for what is taken out, until the text around it is mended.
_OUT = "\ue000"
_LINK = "\ue001"
_END = "\ue002"

_WORD = re.compile(r" ?[^\W\d_]{2,}")
_SENTENCE = re.compile(r"(.*?[^.\s]{2}[.?!])\s+(.*)", re.DOTALL)
_SENTENCES = re.compile(r".*[.?!…](?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Document:
    """One thing to find, and where it is."""

    kind: str
    """The heading under which results show it."""
    page: str
    """The address of its page from the root of the site."""
    place: str
    """Where it stands, in words."""
    fragment: str
    """Its id on the page."""
    title: str
    text: str
    quoted: str = ""
    """The words of a witness. They can be found, but no result shows them cut short."""


def collect_documents(chapters: Iterable[tuple[Chapter, list[Node]]]) -> list[Document]:
    """All that can be found in chapters, given with the blocks that the website shows of them.

    Sections, figures, tables, testimonies and rows of evidence: a row is a heading of the class
    `evidence`, a division of that class with a quotation or that opens with a paragraph in bold,
    or an item of a list that starts with an anchor. Words that are quoted twice are found where
    more is said of them.
    """
    found: list[Document] = []
    for chapter, blocks in chapters:
        reader = _Reader(chapter)
        reader.read(blocks)
        found += reader.documents()
    fullest = {d.quoted: d for d in sorted(found, key=lambda d: len(d.text)) if d.quoted}
    return [d for d in found if fullest.get(d.quoted, d) is d]


def write_documents(documents: Sequence[Document], target: Path) -> None:
    """Write documents as a classic script: from `file://` a page may not fetch data.

    In columns, like beside like, which compresses best. What repeats is written once and counted.
    """
    kinds, pages, places, *texts = (
        [*column] for column in zip(*map(astuple, documents), strict=True)
    )
    letters = choose_letters(text for column in (places, *texts) for text in column)

    def shorten(texts: Iterable[str]) -> list[str]:
        return [_WORD.sub(lambda word: letters.get(word[0], word[0]), text) for text in texts]

    data: dict[str, object] = {"letters": "".join(letters.values()), "words": "|".join(letters)}
    for name, column in (("kinds", kinds), ("pages", pages), ("places", shorten(places))):
        numbers = {value: number for number, value in enumerate(dict.fromkeys(column))}
        data[name] = [list(numbers), [numbers[value] for value in column]]
    for name, column in zip(("fragments", "titles", "texts", "quoted"), texts, strict=True):
        data[name] = shorten(column)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    target.write_text(f"window.searchDocuments={text};\n", encoding="utf-8")


def choose_letters(texts: Iterable[str]) -> dict[str, str]:
    """Words, with the space before them, that are worth a letter which no text uses.

    Compression alone sees 32 kB back. With this the download of a long book is 5% smaller, for two
    lines of JavaScript.
    """
    counts: Counter[str] = Counter()
    used: set[str] = set()
    for text in texts:
        counts.update(_WORD.findall(text))
        used.update(text)
    free = [c for c in map(chr, range(0xA1, 0x590)) if c.isalpha() and c not in used]
    saved = {word: count * (len(word.encode()) - 1) for word, count in counts.items() if count > 1}
    best = sorted(saved, key=lambda word: (-saved[word], word))[: len(free)]
    return dict(zip(sorted(best, key=lambda word: (-counts[word], word)), free, strict=False))


@dataclass
class _Piece:
    """A document whose blocks are still being gathered."""

    kind: str
    place: str
    fragment: str
    title: str
    blocks: list[Node]
    quotation: list[Node] = field(default_factory=list)
    row: bool = False
    """Whether it leads elsewhere, so that only its own words count."""


class _Reader:
    """Walks over a chapter and cuts it into pieces."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        self.name = ": ".join(filter(None, (chapter.label, chapter.title_text)))
        self.above: list[tuple[int, str]] = []
        """Level and title of each heading that holds the present place."""
        standfirst = ast.inlines(str(chapter.document.front.get("description", "")))
        place = ", ".join(filter(None, (chapter.label, chapter.part)))
        self.section = _Piece(
            CHAPTERS, place, chapter.id or "main", chapter.title_text, [ast.para(standfirst)]
        )
        self.pieces = [self.section]

    def read(self, blocks: Iterable[Node]) -> None:
        """Gather blocks in their order."""
        for node in blocks:
            identifier, classes, _ = ast.attributes(node) or ast.attr()
            if node["t"] == "Header" and identifier:
                self._heading(node["c"][0], identifier, "evidence" in classes, node["c"][2])
            elif found := float_parts(node):
                self._float(found)
            elif node["t"] in {"BulletList", "OrderedList"}:
                self._list(node)
            elif node["t"] != "Div" or callout_parts(node):
                self.section.blocks.append(node)
            elif "evidence" in classes or "testimony" in classes:
                self._division(identifier, "evidence" in classes, node["c"][1])
            elif identifier != "refs":
                self.read(node["c"][1])

    def documents(self) -> Iterator[Document]:
        """What was gathered."""
        self._drop_empty()
        for piece in self.pieces:
            yield Document(
                kind=piece.kind,
                page=self.chapter.entry.href,
                place=piece.place,
                fragment=piece.fragment,
                title=piece.title,
                text=_own_words(piece.blocks) if piece.row else _text(piece.blocks),
                quoted=_text(piece.quotation),
            )

    @property
    def _row_place(self) -> str:
        return self.above[-1][1] if self.above else self.name

    def _drop_empty(self) -> None:
        """Forget a heading with nothing below it but the next heading."""
        last = self.pieces[-1]
        if last is self.section and not last.blocks and not last.row:
            self.pieces.pop()

    def _heading(self, level: int, identifier: str, row: bool, content: list[Node]) -> None:
        self._drop_empty()
        self.above = [heading for heading in self.above if heading[0] < level]
        kind = self.chapter.title_text if row else CHAPTERS
        place = self._row_place if row else " › ".join((self.name, *(t for _, t in self.above)))
        self.section = _Piece(kind, place, identifier, _text(content), [], row=row)
        self.pieces.append(self.section)
        if not row:
            self.above.append((level, self.section.title))

    def _float(self, found: Float) -> None:
        """A figure or table, titled by what it shows, with the start of its alternative text."""
        headline, rest = _first_sentence(_text(found.caption))
        images = (ast.pairs_of(image["c"][0]) for image in ast.nodes(found.body, "Image"))
        words = [rest, *(_first_sentence(image.get("alt", ""))[0] for image in images)]
        blocks = [ast.para(ast.inlines(text)) for text in words]
        label = found.label.replace("\u00a0", " ")
        place = f"{label}, {self.chapter.title_text}"
        blocks += found.body
        self.pieces.append(_Piece(FLOATS[found.kind], place, found.id, headline, blocks))

    def _list(self, node: Node) -> None:
        """Keep a list in its section, save the items that can be linked to."""
        items = node["c"] if node["t"] == "BulletList" else node["c"][1]
        for item in items:
            first = item[0]["c"][0] if item and item[0]["t"] in {"Plain", "Para"} else None
            if first and first["t"] == "Span" and (identifier := ast.identifier(first)):
                title = _text([first]).removesuffix(":")
                rest = [ast.para(item[0]["c"][1:]), *item[1:]]
                kind = self.chapter.title_text
                self.pieces.append(_Piece(kind, self._row_place, identifier, title, rest))
            else:
                self.section.blocks += item

    def _division(self, identifier: str, row: bool, blocks: list[Node]) -> None:
        """A testimony, alone or as a row, or a row that is named in bold, such as an event.

        Rows with neither are references. Some hundreds of them would be a sixth of the download,
        and they have a page of their own.
        """
        quotation = [node for node in blocks if node["t"] == "BlockQuote"]
        about = [node for node in blocks if node["t"] != "BlockQuote"]
        if not quotation and not _in_bold(about[:1]):
            return
        named = _text(about[0]["c"]).lstrip("—– ") if about else ""
        kind = self.chapter.title_text if row else TESTIMONIES
        place = self._row_place if row else self.name
        fragment = identifier or self.section.fragment
        # What an event says has links of its own; a witness is followed by what leads elsewhere.
        self.pieces.append(
            _Piece(kind, place, fragment, named, about[1:], quotation, row=bool(quotation))
        )


def _in_bold(blocks: list[Node]) -> bool:
    kinds = [inline["t"] for node in blocks if node["t"] == "Para" for inline in node["c"]]
    return kinds == ["Strong"]


def _first_sentence(text: str) -> tuple[str, str]:
    """A text's first sentence, and the rest."""
    match = _SENTENCE.match(text)
    return (match[1], match[2]) if match else (text, "")


def _text(blocks: Iterable[Node]) -> str:
    """What blocks or inlines say, without code, notes and citations in brackets."""

    def visit(node: Node) -> list[Node] | None:
        match node["t"]:
            case "CodeBlock" | "RawBlock" | "RawInline" | "Note":
                return []
            case "Cite" if node["c"][0][0]["citationMode"]["t"] != "AuthorInText":
                return ast.inlines(_OUT)
            case "Para" | "Plain":
                return [ast.para([*ast.walk(node["c"], visit), *ast.inlines(_END)])]
        return None

    text = ast.stringify(ast.walk(list(blocks), visit))
    text = re.sub(rf"\s*{_OUT}", "", text)
    # A paragraph without a full stop, such as an item of a list, still ends there.
    text = re.sub(rf"(?<=\w|[)%”’]){_END}", ".", text).replace(_END, "")
    return " ".join(text.split())


def _own_words(blocks: Iterable[Node]) -> str:
    """What a row says before it leads elsewhere: its sentences up to the first link."""

    def mark(node: Node) -> list[Node] | None:
        return ast.inlines(_LINK) if node["t"] == "Link" else None

    before, link, _ = _text(ast.walk(list(blocks), mark)).partition(_LINK)
    if not link:
        return before
    sentences = _SENTENCES.match(before)
    return sentences[0] if sentences else ""
