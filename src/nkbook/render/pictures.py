"""Pictures of a chapter: where each one lies, and what stands for it where it cannot be seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from nkbook.errors import Findings
from nkbook.render.addresses import elsewhere, host_of, is_inside, join_path
from nkbook.render.ast import Node
from nkbook.render.document import Document
from nkbook.render.outputs import embedded_picture
from nkbook.render.words import Language


@dataclass(frozen=True)
class Pictures:
    """Finds the pictures of one chapter; their bytes go to `media`, by path in the site."""

    document: Document
    root: Path
    language: Language
    media: dict[str, bytes]
    drawn: Collection[str]
    """The paths of figures that are drawn later."""
    findings: Findings

    def resolve(self, node: Node) -> Node:
        """An image with the address that all formats know, and with words in its place."""
        (identifier, classes, pairs), content, (address, title) = node["c"]
        named = dict(pairs)
        if not named.get("alt", "").strip():
            message = f"the image “{address[:80].lstrip('/')}” has no alt text"
            self.findings.remark("NB701", self.document.find(address), message)
            named["alt"] = self.language.word("Picture without a description")
        attributes = [identifier, classes, [list(pair) for pair in named.items()]]
        return {"t": "Image", "c": [attributes, content, [self._address(address), title]]}

    def _address(self, address: str) -> str:
        if address.startswith("data:"):
            return self._embedded(address)
        if host_of(address):
            place = self.document.find(address)
            self.findings.remark("NB607", place, elsewhere("image", address))
            return address
        folder = PurePosixPath(self.document.file).parent
        path = join_path(folder, unquote(address))
        if urlsplit(address).scheme or urlsplit(address).netloc:
            hint = "Keep it as a file of the project."
            self._fault(address, f"the image “{address}” is not a file of the book", hint)
        elif path not in self.media and path not in self.drawn:
            if not is_inside(path) or not (self.root / path).is_file():
                hint = "The path is relative to the chapter."
                self._fault(address, f"there is no image “{address}”", hint)
            else:
                self.media[path] = (self.root / path).read_bytes()
        return f"/{path}"

    def _embedded(self, address: str) -> str:
        embedded = embedded_picture(address)
        if embedded is None:
            hint = "Keep it as a file of the project."
            self._fault("", f"the picture inside “{address[:40]}…” cannot be read", hint)
            return address
        name, data = embedded
        self.media[name] = data
        return f"/{name}"

    def _fault(self, address: str, message: str, hint: str) -> None:
        place = self.document.find(address) if address else self.document.place()
        self.findings.add("NB605", place, message, hint)
