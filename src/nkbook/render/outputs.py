"""What a cell put out, as Markdown: of its forms the one that is best for each format.

The order is Quarto's. HTML becomes part of the book's own tree, so that a table of a library is a
table in the EPUB and the PDF, too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from nbconvert.filters import strip_ansi

from nkbook.render import ast, pandoc
from nkbook.render.active import find_active
from nkbook.render.ast import Node
from nkbook.render.execution import Output
from nkbook.render.words import Language

_IMAGES = {
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}
_RICHER = {"text/markdown", *_IMAGES}
_WIDGET = "application/vnd.jupyter.widget-view+json"
_HTML = "nk-html"
"""The class of a division whose HTML is still to be read."""

_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_REPR = re.compile(r"\s*<[\w.]+(?: object| at 0x[0-9a-f]+| object at 0x[0-9a-f]+)>\s*")
_VALUE = re.compile(r"[<(\[].*[>)\]]|Text\([-\d].*")
"""One line with an object, a list or the words that a picture was given."""
_LOOSE_CELLS = re.compile(
    r"(?P<table><table\b[^>]*>\s*)(?P<cells>(?:<t[hd]\b[^>]*>[^<]*</t[hd]>\s*)+)", re.IGNORECASE
)
"""Cells without a row, as Matplotlib writes them; pandoc would make paragraphs of the table."""
_CELL_FILE = re.compile(r"\S*ipykernel_\d+/\d+\.py")
"""How Python names the code of a cell: a path of the machine and of the moment."""

Picture = Callable[[str, bytes], str]
"""Keeps a picture, by its suffix, and gives the Markdown that shows it."""
Remark = Callable[[str], None]
"""Takes note of something that no edition shows."""


def output_markdown(
    output: Output, *, asis: bool, language: Language, picture: Picture, remark: Remark
) -> str:
    """One output as Markdown; empty if it has nothing to show."""
    match output.get("output_type"):
        case "stream":
            text = joined(output.get("text", ""))
            if output.get("name") == "stderr":
                return _console(_CELL_FILE.sub("<cell>", text), "stderr")
            return text if asis else _console(text)
        case "error":
            lines = output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"]
            return _console(_CELL_FILE.sub("<cell>", "\n".join(map(str, lines))), "error")
        case "display_data" | "execute_result":
            return _display(output.get("data", {}), language, picture, remark)
    return ""


def without_echoes(outputs: Sequence[Output]) -> list[Output]:
    """Outputs without what a call that draws gives back, such as `[<….Line2D object …>]`.

    The rule is Quarto's: nobody means to show it, but Jupyter echoes the last value of a cell.
    """
    pictured = any(_IMAGES.keys() & output.get("data", {}).keys() for output in outputs)
    return [output for output in outputs if not _is_echo(output, pictured=pictured)]


def _is_echo(output: Output, *, pictured: bool) -> bool:
    data = output.get("data", {})
    if output.get("output_type") != "execute_result" or data.keys() != {"text/plain"}:
        return False
    text = joined(data["text/plain"]).strip()
    if pictured:
        return "<matplotlib." in text or _VALUE.fullmatch(text) is not None
    return text.startswith(("<matplotlib", "[<matplotlib", "<seaborn.", "<ggplot:"))


def _display(data: Mapping[str, Any], language: Language, picture: Picture, remark: Remark) -> str:
    """The forms of one value: HTML where it has any, beside what paper shows in its place."""
    if _WIDGET in data:
        remark("a widget stands as its text: no edition runs it")
        return _console(joined(data.get("text/plain", "")))
    markup = joined(data.get("text/html", ""))
    still = markup
    while (less := _SCRIPT.sub("", still)) != still:
        still = less
    if still != markup:
        remark("the script of an output is left out: no edition runs one of an output")
    if found := [*find_active(still)]:
        remark(f"the HTML of an output is left out: it has {' and '.join(found)}")
        named = _REPR.fullmatch(joined(data.get("text/plain", "")))
        return _without_html(data, picture, remark) if _RICHER & data.keys() or not named else ""
    if not _has_content(still):
        plain = joined(data.get("text/plain", ""))
        if still != markup and not _RICHER & data.keys() and _REPR.fullmatch(plain):
            # So that readers do not look for what the text speaks of; without any form in text,
            # the script only prepares others.
            return f"*{language.word('Here a script draws, which no edition runs.')}*"
        return _without_html(data, picture, remark)
    raw = fenced(still, "{=html}")
    read = f"::: {{.{_HTML}}}\n\n{raw}\n\n:::"
    if "<table" in still.lower():
        return read
    plain = joined(data.get("text/plain", ""))
    richer = _RICHER & data.keys()
    told = richer or (plain.strip() and not _REPR.fullmatch(plain))
    other = _without_html(data, picture, remark) if told else read
    forms = (("html:js", raw), ("epub", other if richer else read), ("typst", other))
    return "\n\n".join(
        f'::: {{.content-visible when-format="{form}"}}\n\n{content}\n\n:::'
        for form, content in forms
    )


def _without_html(data: Mapping[str, Any], picture: Picture, remark: Remark) -> str:
    if "text/markdown" in data:
        return joined(data["text/markdown"])
    for mime, suffix in _IMAGES.items():
        if mime in data:
            text = joined(data[mime])
            try:
                return picture(
                    suffix, text.encode() if suffix == ".svg" else base64.b64decode(text)
                )
            except binascii.Error:
                remark(f"a picture is left out: its {mime} cannot be read")
                return ""
    latex = joined(data.get("text/latex", "")).strip()
    if latex.startswith("$") and latex.endswith("$"):
        return latex
    if latex.startswith("\\begin{") and "\\end{" in latex:
        return f"$$\n{latex}\n$$"
    plain = joined(data.get("text/plain", ""))
    if "application/json" in data and (not plain or _REPR.fullmatch(plain)):
        text = json.dumps(data["application/json"], ensure_ascii=False, indent=2)
        return f"::: {{.cell-output}}\n\n{fenced(text, '{.json}')}\n\n:::"
    if plain:
        return _console(plain)
    if data and "text/html" not in data:
        remark(f"an output is left out: nothing shows {', '.join(sorted(data))}")
    return ""


def _console(text: str, stream: str = "") -> str:
    """Text as a terminal shows it, without its colours."""
    kind = f" .cell-output-{stream}" if stream else ""
    return f"::: {{.cell-output{kind}}}\n\n{fenced(strip_ansi(text), '')}\n\n:::"


def _has_content(markup: str) -> bool:
    """Whether HTML shows anything by itself: words, a picture, a drawing."""
    if re.search(r"<(?:img|svg|math|video|audio)\b", markup, re.IGNORECASE):
        return True
    bare = re.sub(r"<style\b.*?</style\s*>", "", markup, flags=re.DOTALL | re.IGNORECASE)
    return bool(re.sub(r"<[^>]*>", "", bare).strip())


def read_html(blocks: list[Node], place: str) -> list[Node]:
    """Blocks in which the HTML of outputs is read into the tree; pictures of other hosts go."""

    def visit(node: Node) -> list[Node] | None:
        if node["t"] != "Div" or _HTML not in node["c"][0][1]:
            return None
        markup = "".join(raw["c"][1] for raw in ast.nodes(node["c"][1], "RawBlock"))
        markup = _LOOSE_CELLS.sub(r"\g<table><tr>\g<cells></tr>", markup)
        text = pandoc.run(["--from", "html", "--to", "json"], markup, place=place)
        read: list[Node] = ast.walk(json.loads(text)["blocks"], local)
        return [ast.para(block["c"]) if block["t"] == "Plain" else block for block in read]

    def local(node: Node) -> list[Node] | None:
        if node["t"] == "Image" and re.match(r"(?:https?:)?//", node["c"][2][0]):
            return list(node["c"][1])
        if node["t"] in {"RawBlock", "RawInline"}:
            return []
        # A library's ids are the same in every table of a page.
        if node["t"] in {"Div", "Table"} and not node["c"][0][0].startswith(("fig-", "tbl-")):
            inner = ast.walk(node["c"][1:], local)
            if node["t"] == "Div":
                return list(inner[0])
            return [{"t": "Table", "c": [["", [], []], *inner]}]
        return None

    walked: list[Node] = ast.walk(blocks, visit)
    return walked


def embedded_picture(address: str) -> tuple[str, bytes] | None:
    """A file's path in the site, and the file, for a picture written into its own address.

    `None` if it is none of the kinds that editions show, or broken.
    """
    head, _, content = address.removeprefix("data:").partition(",")
    mime, *settings = head.split(";")
    if mime not in _IMAGES:
        return None
    try:
        text = unquote_to_bytes(content)
        data = base64.b64decode(text, validate=True) if "base64" in settings else text
    except binascii.Error:
        return None
    return f"media/embedded-{hashlib.sha256(data).hexdigest()[:12]}{_IMAGES[mime]}", data


def fenced(text: str, attributes: str) -> str:
    """Text as a block of code whose fence is longer than any within it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{attributes}\n{text.rstrip()}\n{fence}"


def joined(value: Any) -> str:
    """Text that Jupyter keeps whole or line by line."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
