"""References, links and pictures of a chapter: checked, and made independent of any format."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from nkbook.errors import Findings, nearest
from nkbook.render import ast
from nkbook.render.addresses import join_path, own_file
from nkbook.render.ast import Node
from nkbook.render.chapter import Book
from nkbook.render.labels import is_reference, label_of
from nkbook.render.numbering import reference_text
from nkbook.render.pictures import Pictures

_SAFE_SCHEMES = {"http", "https", "mailto", "doi"}


def resolve_chapter(book: Book, index: int, citations: set[str], findings: Findings) -> list[Node]:
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
        file = own_file(project.root, path)
        if file is None:
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
            chapter.media.setdefault(path, file.read_bytes())
        return f"nk-file:{path}"

    walked: list[Node] = ast.walk(chapter.blocks, visit)
    chapter.title = ast.walk(chapter.title, visit)
    return walked
