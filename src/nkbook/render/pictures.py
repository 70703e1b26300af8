"""Pictures of a chapter: where each one lies, and what stands for it where it cannot be seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from nkbook.errors import Findings
from nkbook.render.active import check_drawing
from nkbook.render.addresses import BRING_HERE, elsewhere, host_of, join_path, own_file
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
            self.findings.add("NB607", place, elsewhere("image", address), BRING_HERE)
            return address
        folder = PurePosixPath(self.document.file).parent
        path = join_path(folder, unquote(address))
        if urlsplit(address).scheme or urlsplit(address).netloc:
            hint = "Keep it as a file of the project."
            self._fault(address, f"the image “{address}” is not a file of the book", hint)
        elif path not in self.media and path not in self.drawn:
            if file := own_file(self.root, path):
                self._keep(path, file.read_bytes(), address)
            else:
                hint = "The path is relative to the chapter, and stays in the project."
                self._fault(address, f"there is no image “{address}”", hint)
        return f"/{path}"

    def _embedded(self, address: str) -> str:
        embedded = embedded_picture(address)
        if embedded is None:
            hint = "Keep it as a file of the project."
            self._fault("", f"the picture inside “{address[:40]}…” cannot be read", hint)
            return address
        name, data = embedded
        self._keep(name, data, address.partition(",")[0])
        return f"/{name}"

    def _keep(self, path: str, data: bytes, address: str) -> None:
        self.media[path] = data
        check_drawing(path, data, self.document.find(address), self.findings)

    def _fault(self, address: str, message: str, hint: str) -> None:
        place = self.document.find(address) if address else self.document.place()
        self.findings.add("NB605", place, message, hint)
