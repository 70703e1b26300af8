"""Styles written on elements, which the site's policy forbids, become classes of a style sheet.

Pandoc writes `style="width: 25%"` on columns and pictures and `style="text-align: right;"` on
cells, and an author may write more. The page says the same with a class, whose rule stands in
`book.css`.
"""

from __future__ import annotations

import hashlib
import html
import re

from nkbook.errors import BookError, Finding

_ATTRIBUTE = r"""\s+(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _ATTRIBUTE)
_OPENING = re.compile(rf"<!--.*?-->|<[a-zA-Z][^\s/>]*(?:{_UNNAMED})*\s*/?>", re.DOTALL)
_VALUE = r"""(?:[^;:{}()"'\\<>@]|"[^"{}\\]*"|'[^'{}\\]*'|\([^(){}"'\\]*\))+"""
_DECLARATIONS = re.compile(rf"(?:[\s;]*-{{0,2}}[a-zA-Z][\w-]*\s*:{_VALUE}(?:;|$))*[\s;]*")


class InlineStyles:
    """Collects the styles of elements, from all pages, as rules of a sheet."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}

    def lift(self, page: str, place: str) -> str:
        """The HTML `page` with classes in the place of `style` attributes.

        Raises `BookError`, naming `place`, for a style that is more than declarations.
        """

        def visit(match: re.Match[str]) -> str:
            tag = match[0]
            found = {item["name"].lower(): item for item in re.finditer(_ATTRIBUTE, tag)}
            style = found.get("style")
            if style is None or tag.startswith("<!--"):
                return tag
            classes = _value(found["class"]).split() if "class" in found else []
            name = self._name(_value(style), place)
            classes += [name] if name else []
            # From the end, so that the places of the others hold.
            for item in sorted({style, found.get("class", style)}, key=lambda item: -item.start()):
                tag = tag[: item.start()] + tag[item.end() :]
            written = f' class="{html.escape(" ".join(classes))}"' if classes else ""
            return re.sub(r"(?=\s*/?>\Z)", written, tag, count=1)

        return _OPENING.sub(visit, page) if "style" in page.lower() else page

    def sheet(self) -> str:
        """The rules. As a `style` attribute would, they win over every other rule."""
        return "".join(
            f".{name}:not(#_) {{ {rule} }}\n" for name, rule in sorted(self._rules.items())
        )

    def _name(self, style: str, place: str) -> str:
        """The class of a style, the same for the same words in every page and every build."""
        rule = "; ".join(" ".join(part.split()) for part in style.split(";") if part.strip())
        if not _DECLARATIONS.fullmatch(style) or "url(" in style.lower():
            hint = "Write declarations only, such as `width: 50%`, and pictures as images."
            message = f"the style “{style}” cannot become a rule of the style sheet"
            raise BookError([Finding(place, "NB502", message, hint)])
        name = f"s-{hashlib.sha256(rule.encode()).hexdigest()[:8]}"
        if rule:
            self._rules[name] = rule
        return name if rule else ""


def _value(attribute: re.Match[str]) -> str:
    """An attribute's value as the author meant it."""
    text = attribute["value"] or ""
    return html.unescape(text[1:-1] if text[:1] in {'"', "'"} else text)
