"""What is an engine's or its theme's and not the book's: each rule in one place, with its why."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from nkbook.render.words import translations

IGNORED_CLASSES = {
    "heading-link",  # ours: the link that a heading carries to itself
    "close",  # ours: closes a reference opened in place
    "figure-more",  # ours: the menu of a figure
    "figure-data",  # ours, EPUB: the way to a figure's data
    "frame-link",  # ours, EPUB: stands for a frame, which has no words in Quarto
    "footnote-back",
    "screen-reader-only",  # Quarto: the kind of a callout before its own title
    "callout-icon-container",
    "callout-btn-toggle",
    "code-copy-button",
    "code-with-filename-file",  # Quarto: the name of a file above its code, which is read with it
    "code-filename",  # ours: the same
    "quarto-title-block",
    "quarto-cover-image",
    "anchorjs-link",
    "page-navigation",
}
"""Classes of what an edition adds around the book."""

IGNORED_TAGS = {"nav", "script", "style", "button", "template", "header"}
"""Menus and programs; no words of the book stand in them."""

THEME_CLASSES = re.compile(
    r"(?:quarto-|callout|cell|sourceCode|code-|footnote|csl-|level\d|chapter-|header-|float-"
    r"|figure|table|math|nk-|panel-|hidden$|citation$|references$|hanging-indent$|anchored$"
    r"|equation|listing|panel$|tab$|tabset|python$|no-icon$|filter-room$|s-[0-9a-f]{8}$|pagebreak$|smallcaps$|content-|display$|inline$|column-|page-|screen-|odd$|even$|tab-|active$|ansi-|author$|date$|abstract-|line-block$"
    r"|margin-|no-row-height$|(?:fig|tbl)-column-"
    r"|unnumbered$|unlisted$|home$|chapter$|appendix$|prose$|index$|notice$|toc|au$|in$|l?math)"
)
"""How the classes begin that engines, themes and pandoc give. All others are an author's."""

_QUOTES = str.maketrans("“”„‟«»‘’‚‛", '""""""' + "''''")
"""A locale's quotation marks: what is quoted counts, not with which marks."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\ufe0e\ufe0f"))
"""Where lines may break and how a sign is drawn."""


def squeezed(text: str) -> str:
    """Words with one space between them, of whatever kind, and plain quotation marks."""
    plain = unicodedata.normalize("NFC", text).translate(_QUOTES).translate(_INVISIBLE)
    return " ".join(plain.split())


def is_ignored(element: Any) -> bool:
    """Whether an element is the engine's and not the book's."""
    if not isinstance(element.tag, str) or element.tag in IGNORED_TAGS:
        return True
    is_back = element.get("role") == "doc-backlink"
    # “Code”, which opens the code below it.
    opens_code = element.tag == "summary" and "code-fold" in classes(element.getparent())
    # Where one page lists the references of the book, Quarto hides the lists of all others.
    is_hidden = element.get("style", "").replace(" ", "").startswith("display:none")
    return is_back or opens_code or is_hidden or not IGNORED_CLASSES.isdisjoint(classes(element))


def without_letter(text: str) -> str:
    """A citation without the letter that tells works of one author and year from one another.

    The letter follows from all works of an EPUB, and ours also cites those behind plotted data.
    """
    return re.sub(r"(\d{4}|n\.d\.)-?[a-z]\b", r"\1", text)


def classes(element: Any) -> set[str]:
    """The classes of an element."""
    return set(element.get("class", "").split())


def own_classes(element: Any) -> str:
    """The classes that an author gave a div or span."""
    return " ".join(sorted(name for name in classes(element) if not THEME_CLASSES.match(name)))


def words(element: Any, without: Iterable[str] = ()) -> str:
    """The text of an element, squeezed, without what is ignored or has one of these classes."""
    return squeezed("".join(_words(element, set(without)))) if element is not None else ""


def _words(element: Any, without: set[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not (is_ignored(child) or classes(child) & without):
            yield from inline(child, without)
        yield child.tail or ""


def is_linked_picture(element: Any) -> bool:
    """Whether an element stands for a picture of another host, as in our EPUB."""
    return "picture-link" in classes(element)


def inline(element: Any, without: Iterable[str] = ()) -> Iterator[str]:
    """The words of an inline element.

    What is told as an item of its own is only marked, so that a difference in it is told once.
    """
    if is_beside(element) or is_linked_picture(element):
        return
    if is_note_mark(element):
        yield f"[^{squeezed(''.join(element.itertext()))}]"
    elif classes(element) & {"quarto-xref", "citation"}:
        yield "[@]"
    elif is_math(element):
        number = _NUMBER.search(_tex(element))
        yield f"${formula(element)}$" + (f"({number[1] or number[2]})" if number else "")
    elif element.tag == "br":
        yield " "
    else:
        yield from _words(element, set(without))


def is_note_mark(element: Any) -> bool:
    """Whether an element is the mark of a footnote."""
    return bool(element.tag == "a" and element.get("role") == "doc-noteref")


def is_beside(element: Any) -> bool:
    """Whether an element is a note in the margin.

    Where it stands is an engine's: ours follows its block; in an EPUB Quarto’s is in the sentence.
    """
    own = classes(element)
    return bool("column-margin" in own and element.tag in {"div", "span"}) or "margin" in own


def is_math(element: Any) -> bool:
    """Whether an element is a formula: for MathJax in a span, or MathML."""
    return element.tag == "math" or (element.tag == "span" and "math" in classes(element))


_NUMBER = re.compile(r"\s*(?:\\tag\{([^{}]+)\}|\\qquad\(([^()]+)\))\s*$")
"""The number of an equation: Quarto writes it into the formula, and we beside it."""


def formula(element: Any) -> str:
    """A formula in TeX, without its number, and with TeX's own names as an author writes them."""
    return re.sub(r"\\text\{((?:La|Ka)?TeX)\}", r"\\\1", _NUMBER.sub("", _tex(element)))


def _tex(element: Any) -> str:
    r"""What stands in a formula, without the `\(…\)` or `\[…\]` that MathJax looks for.

    Nor with the `$…$` in which pandoc leaves what it cannot read.
    """
    source = next((node for node in element.iter() if node.tag == "annotation"), element)
    text = squeezed("".join(source.itertext()))
    return re.sub(r"^(?:\\[(\[]|\$+)\s*|\s*(?:\\[)\]]|\$+)$", "", text)


def float_caption(text: str, id: str) -> tuple[str, str]:
    """The label of a figure or table, such as “Figure 1.2”, and its caption."""
    if not id:
        return "", text
    label, _, caption = text.partition(": ")
    return (label.rstrip(":"), caption) if re.search(r"\d", label) else ("", text)


_APPENDIX = "|".join(sorted(translations("Appendix")))


def title_parts(title: Any) -> tuple[str, str]:
    """The number and the words of a chapter's title."""
    names = {"chapter-number", "header-section-number"}
    number = next((words(node) for node in title.iter("span") if classes(node) & names), "")
    text = words(title, names)
    # Quarto says of an appendix in its title that it is one, and marks the number in EPUBs only.
    match = re.match(rf"(?:{_APPENDIX}) ([A-Z]+)? ?— (.+)", text)
    return (number or match[1] or "", match[2]) if match else (number, text)
