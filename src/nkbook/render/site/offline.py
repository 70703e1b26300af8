"""What the site's service worker keeps on a reader's device: which files, of which bytes.

`assets/edition.json` lists every file that readers see, with its hash; `sw.js` is the worker with
the hash of that list, so that a browser finds a new edition by finding another worker.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import rjsmin

from nkbook.paths import ASSETS

LIST = "assets/edition.json"
WORKER = "sw.js"
OFFLINE = "offline.html"
"""The page for what is not on the device; in place of the 404 of a server."""

_ELSEWHERE = {"404.html", LIST}
_ASSETS = {".css", ".js", ".json", ".woff2"}
_LOADED = re.compile(r'<(?:img|link|script|source)\b[^>]*?\s(?:src|srcset|href)="([^"]+)"')
_NO_FILE = re.compile(r'\srel="(?:alternate|apple-touch-icon|canonical|next|prev)"')


def offline_files(site: Path) -> dict[str, str]:
    """The list and the worker for the finished site in the folder `site`, by name."""
    pages = {file.relative_to(site).as_posix() for file in site.rglob("*.html")} - _ELSEWHERE
    assets = {
        file.relative_to(site).as_posix()
        for file in (site / "assets").rglob("*")
        if file.suffix in _ASSETS
    } - _ELSEWHERE
    shown = {path for page in pages for path in _loaded(site, page)}
    core = {path for path in assets if path.endswith(".core.woff2")}
    shell = {"index.html", OFFLINE, *_loaded(site, "index.html"), *core}
    files = {}
    for path in sorted(pages | assets | shown):
        data = (site / path).read_bytes()
        files[path] = [_hash(data), len(data)]
    content = json.dumps(
        {"shell": sorted(shell), "files": files}, ensure_ascii=False, separators=(",", ":")
    )
    code = rjsmin.jsmin((ASSETS / "site" / "scripts" / "worker.js").read_text(encoding="utf-8"))
    listed = _hash(content.encode())
    edition = json.dumps({"version": _hash((listed + code).encode()), "list": listed})
    return {LIST: content, WORKER: f"const EDITION = {edition};\n{code}\n"}


def _loaded(site: Path, page: str) -> Iterator[str]:
    """The files of the site that a page loads by itself."""
    for match in _LOADED.finditer((site / page).read_text(encoding="utf-8")):
        if _NO_FILE.search(match[0]):
            continue
        for address in match[1].split(","):
            parts = urlsplit(address.strip().split(" ")[0])
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
            if not parts.netloc and (site / path).is_file():
                yield path


def _hash(data: bytes) -> str:
    """The first 16 digits of the SHA-256: enough to tell editions apart."""
    return hashlib.sha256(data).hexdigest()[:16]
