"""What a chapter's front matter prints at its head: subtitle, authors, date and abstract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from nkbook.clock import day
from nkbook.errors import Findings
from nkbook.render.document import Document
from nkbook.render.words import Language


def matter_markdown(document: Document, language: Language, findings: Findings) -> str:
    """The head of a chapter below its title, as Markdown; empty if there is nothing to print."""
    front = document.front
    when = _spans("date", [_date(front.get("date"), language.tag)])
    if front.get("date") and not when:
        message = f"the date “{front['date']}” is not printed: a page tells when it last changed"
        findings.remark("NB214", document.file, message)
    parts = [
        _division("subtitle", str(front.get("subtitle") or "")),
        _division("byline", " · ".join(filter(None, (_spans("author", authors(document)), when)))),
    ]
    if abstract := str(front.get("abstract") or "").strip():
        title = f"[**{language.word('Abstract')}**]{{.abstract-title}}"
        parts.append(_division("abstract", f"{title}\n\n{abstract}"))
    printed = "\n\n".join(filter(None, parts))
    return f":::: {{.chapter-matter}}\n\n{printed}\n\n::::" if printed else ""


def authors(document: Document) -> list[str]:
    """The names of those who wrote a chapter, as its front matter has them."""
    given = document.front.get("author") or []
    return [_name(item) for item in (given if isinstance(given, list) else [given])]


def _division(name: str, text: str) -> str:
    return f"::: {{.{name}}}\n\n{text}\n\n:::" if text else ""


def _spans(name: str, texts: Iterable[str]) -> str:
    return ", ".join(f"[{text}]{{.{name}}}" for text in texts if text)


def _name(author: Any) -> str:
    """An author as Quarto lets one be written: a name, or a record with one."""
    if not isinstance(author, Mapping):
        return str(author)
    name = author.get("name", "")
    if isinstance(name, Mapping):
        return " ".join(str(name[key]) for key in ("given", "family") if name.get(key))
    return str(name)


def _date(value: Any, lang: str) -> str:
    """A date in words, if it is one: `today` would be another at each build."""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return ""
    moment = datetime(found.year, found.month, found.day)
    return day(moment) if lang.startswith("en") else moment.date().isoformat()
