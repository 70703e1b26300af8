"""Quarto's shortcodes `{{< var >}}`, `{{< meta >}}`, `{{< include >}}` and `{{< pagebreak >}}`.

They are resolved in the text, before pandoc reads it, so that a value may be any Markdown. Code is
left alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nkbook.errors import Findings, nearest

_TOKEN = re.compile(
    r"(?P<code>^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[`~]*[ \t]*$"
    r"|(?P<tick>`+)[^`].*?(?P=tick))"
    r"|\{(?P<literal>\{\{<.*?>\}\})\}"
    r"|\{\{<\s*(?P<call>.*?)\s*>\}\}",
    re.MULTILINE | re.DOTALL,
)

KNOWN = ("var", "meta", "include", "pagebreak")


def expand(
    text: str,
    *,
    place: str,
    folder: Path,
    root: Path,
    variables: Mapping[str, Any],
    metadata: Mapping[str, Any],
    findings: Findings,
    depth: int = 0,
) -> str:
    """The text with every shortcode replaced; a fault becomes a finding and an empty text."""

    def replace(match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        if match["literal"]:
            return match["literal"]
        try:
            name, *arguments = shlex.split(match["call"])
        except ValueError:
            name, arguments = "", []
        argument = arguments[0] if arguments else ""
        match name:
            case "var":
                return _lookup(variables, argument, "variable", "_variables.yml", place, findings)
            case "meta":
                return _lookup(metadata, argument, "metadata", "_quarto.yml", place, findings)
            case "pagebreak":
                return "\n\n::: {.pagebreak}\n:::\n\n"
            case "include":
                return include(argument)
        hint = nearest(name, KNOWN, f"Known are: {', '.join(KNOWN)}.")
        findings.add("NB301", place, f"unknown shortcode “{match['call']}”", hint)
        return f"`{match[0]}`"

    def include(name: str) -> str:
        file = (root / name[1:] if name.startswith("/") else folder / name).resolve()
        if not file.is_relative_to(root.resolve()):
            findings.add("NB303", place, f"include “{name}” is outside the project", "Move it in.")
            return ""
        if depth > 8:
            hint = "Look for a file that includes itself."
            findings.add("NB303", place.split(",")[0], f"include “{name}” never ends", hint)
            return ""
        try:
            included = file.read_text(encoding="utf-8") if file.is_file() else None
        except UnicodeDecodeError:
            findings.add(
                "NB303", place, f"include: “{name}” is not UTF-8 text", "Save it as UTF-8."
            )
            return ""
        if included is None:
            present = [found.name for found in file.parent.glob("*.*md")]
            hint = nearest(file.name, present, "Check the path; it is relative to the chapter.")
            findings.add("NB303", place, f"include: there is no file “{name}”", hint)
            return ""
        return expand(
            included,
            place=f"{place}, included {name}",
            folder=file.parent,
            root=root,
            variables=variables,
            metadata=metadata,
            findings=findings,
            depth=depth + 1,
        )

    return _TOKEN.sub(replace, text)


def _lookup(
    tree: Mapping[str, Any], path: str, kind: str, file: str, place: str, findings: Findings
) -> str:
    value: Any = tree
    prefix = ""
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            known = [prefix + key for key in value] if isinstance(value, Mapping) else []
            hint = nearest(path, known, f"It is not in {file}.")
            findings.add("NB302", place, f"unknown {kind} “{path}”", hint)
            return ""
        value = value[name]
        prefix += name + "."
    if isinstance(value, Mapping):
        known = [prefix + key for key in value]
        hint = f"Name one of its values, such as {known[0]}." if known else "It has no values."
        findings.add("NB302", place, f"the {kind} “{path}” is a group of values", hint)
        return ""
    # YAML's own spelling, as in Quarto.
    return str(value).lower() if isinstance(value, bool) else str(value)
