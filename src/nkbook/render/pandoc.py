"""The only caller of pandoc. The binary comes with the `pypandoc_binary` package."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypandoc

from nkbook.errors import BookError, Finding
from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.store import made

READER = "markdown+autolink_bare_uris"
"""Quarto's reader: pandoc's Markdown with bare addresses as links."""

_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
"""In a locale without UTF-8 pandoc cannot open a file whose path has Hangul."""


@functools.cache
def binary() -> str:
    """Where the pandoc program is."""
    return str(pypandoc.get_pandoc_path())


def run(
    arguments: Sequence[str],
    text: str = "",
    *,
    place: str,
    reads: Sequence[Path] = (),
) -> str:
    """Run pandoc on `text` and return what it writes; `place` names the text in messages.

    `reads` are the files that the arguments name. A warning is a fault too (a construct that pandoc
    would drop). Raises `BookError`.
    """
    given = ["pandoc", _edition(), json.dumps(arguments), text]
    contents = (file.read_bytes() for file in reads)
    return made([*given, *contents], lambda: _run(arguments, text, place)).decode()


def _run(arguments: Sequence[str], text: str, place: str) -> bytes:
    done = subprocess.run(
        [binary(), *arguments],
        input=text.encode(),
        capture_output=True,
        env={**os.environ, "LC_ALL": _LOCALE},
        check=False,
    )
    complaint = done.stderr.decode(errors="replace").strip()
    if done.returncode or complaint:
        raise BookError(
            [
                Finding(
                    place,
                    "NB501",
                    f"pandoc says: {complaint or f'exit code {done.returncode}'}",
                    "Look for an unclosed div, table or link in the Markdown of this place.",
                )
            ]
        )
    return done.stdout


def parse(markdown: str, *, place: str) -> list[Node]:
    """Read Markdown into blocks, in which words that follow each other are one text."""
    tree = json.loads(run(["--from", READER, "--to", "json"], markdown, place=place))
    blocks: list[Node] = ast.join_words(tree["blocks"])
    return blocks


def write(
    blocks: list[Node],
    arguments: Sequence[str],
    *,
    place: str,
    meta: Mapping[str, Any] | None = None,
    reads: Sequence[Path] = (),
) -> str:
    """Write blocks in the format that `arguments` name."""
    tree = {"pandoc-api-version": _api(), "meta": dict(meta or {}), "blocks": blocks}
    text = json.dumps(tree, ensure_ascii=False)
    return run(["--from", "json", *arguments], text, place=place, reads=reads)


def cite(
    blocks: list[Node],
    bibliography: Sequence[Path],
    csl: Path | None,
    lang: str,
    nocite: Sequence[str] = (),
    *,
    place: str,
) -> list[Node]:
    """Resolve citations; the list of references is appended, or put where a `refs` div stands.

    `nocite` are keys of sources that are listed without being cited; `*` stands for all.
    """
    arguments = ["--to", "json", "--citeproc", "--metadata", "link-citations=true"]
    arguments += ["--metadata", f"lang={lang}"]
    for file in bibliography:
        arguments += ["--bibliography", str(file)]
    if csl:
        arguments += ["--csl", str(csl)]
    meta = {"nocite": {"t": "MetaInlines", "c": [ast.cite(key) for key in nocite]}}
    files = [*bibliography, *([csl] if csl else [])]
    text = write(blocks, arguments, place=place, meta=meta if nocite else None, reads=files)
    resolved: list[Node] = json.loads(text)["blocks"]
    return resolved


@functools.cache
def _edition() -> str:
    """What tells one pandoc from another without starting it."""
    file = Path(shutil.which(binary()) or binary())
    return f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}"


def version() -> str:
    """The version of the pandoc that runs."""
    return str(pypandoc.get_pandoc_version())


@functools.cache
def _api() -> list[int]:
    version: list[int] = json.loads(run(["--to", "json"], "", place="pandoc"))["pandoc-api-version"]
    return version
