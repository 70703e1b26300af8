"""What would run, load or send something in an edition, found in markup that authors give.

Whoever proposes a chapter may write HTML, a cell may put some out, and a drawing is markup, too.
None of it may run in a reader's browser or e-reader, and none may tell another host who reads.
Whatever reads HTML otherwise than a browser can be led astray, so HTML is searched without reading
it: rather too much is found than too little. Behind this stands the website's policy
(`site/headers.py`), for what nobody has thought of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from lxml import etree

from nkbook.errors import Findings
from nkbook.render import ast
from nkbook.render.addresses import BRING_HERE, elsewhere
from nkbook.render.ast import Node

_DRAW_AGAIN = "Export the drawing again as plain shapes and text, or as PNG."
_REWRITE = "Write it in Markdown, or leave it away: an edition shows, and does nothing."

_HANDLER = r"on(?!(?:e|es|ce|ly|to|set|line|going|ward|wards|ion|ions)\b)[a-z]{2,}"
"""The name of an attribute that holds a script, and none of the words that begin like one."""
_FOUND = {
    "a script": re.compile(r"<\s*/?\s*script\b"),
    "a handler of events": re.compile(rf"[\s\"'/]{_HANDLER}\s*="),
    "a page within the page": re.compile(
        r"<\s*(?:object|embed|applet|frameset|frame|portal)\b|\bsrcdoc\s*="
    ),
    "a form": re.compile(r"<\s*form\b|\bformaction\s*="),
    "a rule for the whole page": re.compile(r"<\s*(?:base|meta|link)\b"),
    "a style that loads something": re.compile(r"@import|url\(\s*[\"']?\s*(?:https?:)?//"),
    "a tag or comment that does not end": re.compile(r"<[a-z/!?][^>]*\Z|<!--(?!.*-->)", re.DOTALL),
}
_RUNS = re.compile(
    r"(?:java|vb|live)script:"
    r"|data:(?!image/(?:png|jpeg|gif|webp|svg\+xml)[;,])[\w.+-]+/[\w.+-]+[;,]"
)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Characters that may stand within an address without changing it."""
_RUNNING = "an address that runs"
_FETCHES = re.compile(r"@(?:preview|local)/|\bplugin\s*\(")
"""In Typst's markup: a package of others, or a program."""
_LOADS = re.compile(
    r"""(?:\b(?:src|poster|background)\s*=\s*["']?\s*"""
    r"""|\bsrcset\s*=\s*["'][^"']*?(?=https?:|//)|<(?:fe)?(?:image|use)\b[^<]*?href\s*=\s*["']?\s*)"""
    r"""(?P<address>(?:https?:)?//[^\s"'>,]+)""",
    re.IGNORECASE,
)
"""What fetches by itself, without a reader who follows a link."""
_ATTRIBUTES = re.compile(rf"{_HANDLER}|srcdoc|formaction|action|ping")

_RUNNING_ELEMENTS = {"script", "handler", "listener", "iframe", "object", "embed"}
_OUTSIDE = re.compile(r"""@import|url\(\s*["']?(?!["']?(?:#|data:))""")
"""What makes a style fetch something."""


def find_active(markup: str) -> Iterator[str]:
    """What a piece of HTML does beside showing something, in words; nothing for the most part."""
    text = html.unescape(markup).lower()
    for what, pattern in _FOUND.items():
        if pattern.search(text):
            yield what
    if runs(text):
        yield _RUNNING


def find_remote(markup: str) -> Iterator[str]:
    """The addresses of other hosts from which a piece of HTML would load something."""
    # Browsers leave out the ends of lines that stand in an address.
    text = re.sub(r"[\t\r\n]+(?=\S*//)", "", html.unescape(markup))
    yield from dict.fromkeys(match["address"] for match in _LOADS.finditer(text))


def runs(address: str) -> bool:
    """Whether a text holds an address that a browser would run in place of opening it."""
    return _RUNS.search(_UNSEEN.sub("", address).lower()) is not None


def find_active_svg(data: bytes) -> Iterator[str]:
    """The same for a drawing, which browsers read as XML, and so do we."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        yield f"an error: it is not an SVG that can be read ({error.msg})"
        return
    tree = root.getroottree()
    dtd = tree.docinfo.internalDTD
    if dtd is not None and list(dtd.iterentities()):  # type: ignore[union-attr]
        yield "entities of its own"
    if b"<?xml-stylesheet" in data:
        yield "a style that lies in another file"
    yield from dict.fromkeys(what for element in root.iter("{*}*") for what in _does(element))


def _does(element: etree._Element) -> Iterator[str]:
    tag = etree.QName(element).localname.lower()
    if tag in _RUNNING_ELEMENTS:
        yield "a script" if tag == "script" else "a page within it"
    for key, value in element.attrib.items():
        name, given = etree.QName(str(key)).localname.lower(), _UNSEEN.sub("", str(value)).lower()
        if name.startswith("on"):
            yield "a script"
        elif _RUNS.search(given):
            yield _RUNNING
        elif name in {"href", "src"} and tag != "a" and not given.startswith(("#", "data:")):
            yield "a part that lies in another file"
        elif _OUTSIDE.search(str(value)):
            yield "a style that lies in another file"
    if tag == "style" and _OUTSIDE.search(element.text or ""):
        yield "a style that lies in another file"


def check_drawing(path: str, data: bytes, place: str, findings: Findings) -> None:
    """Add a finding (NB609) for what a picture does if it is an SVG; any other shows itself."""
    for what in find_active_svg(data) if path.lower().endswith(".svg") else ():
        message = f"the drawing “{PurePosixPath(path).name}” has {what}"
        findings.add("NB609", place, message, _DRAW_AGAIN)


def take_active(blocks: list[Node], find: Callable[[str], str], findings: Findings) -> None:
    """Take what is active out of blocks, in place, with a finding (NB608) for each.

    What loads from another host stays, with a finding (NB607). `find` gives the place of a piece of
    their text.
    """

    def tell(what: str, text: str, place: str) -> None:
        findings.add("NB608", find(place), f"“{text[:60]}” has {what}", _REWRITE)

    for node in ast.nodes(blocks, "RawBlock", "RawInline", *ast.ATTRIBUTED):
        if node["t"] in {"RawBlock", "RawInline"}:
            form, text = node["c"]
            found = list(find_active(text)) if form.startswith(("html", "epub")) else []
            if form == "typst" and _FETCHES.search(text):
                found = ["a package of others"]
            if found:
                first, *_ = text.strip().splitlines() or [""]
                tell(" and ".join(found), first, first.rstrip(">"))
                node["c"] = [form, ""]
            for address in find_remote(text) if form.startswith(("html", "epub")) else ():
                message = elsewhere("frame" if "<iframe" in text.lower() else "file", address)
                findings.add("NB607", find(address), message, BRING_HERE)
        elif pairs := (ast.attributes(node) or ["", [], []])[2]:
            for pair in list(pairs):
                key, value = pair
                if _ATTRIBUTES.fullmatch(key.lower()) or runs(value):
                    tell("an attribute that does something", f'{key}="{value}"', key)
                    pairs.remove(pair)
