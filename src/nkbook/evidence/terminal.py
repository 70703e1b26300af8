"""Chains and changes as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nkbook.evidence.differences import Change

_WIDTH = 96
_NAMES = 16
"""Columns for the names that stand before what is told."""


def chain_lines(chain: Mapping[str, Any]) -> Iterator[str]:
    """A chain, a name before each link and what a link holds below it."""
    for name, value in chain.items():
        yield from _named(name, value, "")


def _named(name: str, value: Any, indent: str) -> Iterator[str]:
    label = f"{indent}{name:<{_NAMES}}"
    if len(name) >= _NAMES:
        label += "  "
    if isinstance(value, Mapping):
        yield f"{indent}{name}"
        for key, inner in value.items():
            yield from _named(key, inner, indent + "  ")
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        yield f"{indent}{name} ({len(value)})"
        for item in value:
            yield from _item(item, indent + "  ")
    elif isinstance(value, list):
        yield from _wrapped(", ".join(map(str, value)), label)
    elif "\n" in str(value):
        yield f"{indent}{name}"
        yield from (f"{indent}  {line}".rstrip() for line in str(value).splitlines())
    else:
        yield from _wrapped(str(value), label)


def _item(item: Mapping[str, Any], indent: str) -> Iterator[str]:
    """One of several: its first value leads, the others follow with their names."""
    (_, first), *rest = item.items()
    short = "; ".join([str(first), *(f"{name} {value}" for name, value in rest)])
    if len(indent) + len(short) <= _WIDTH and not any(_holds(value) for value in item.values()):
        yield f"{indent}- {short}"
        return
    yield from _wrapped(str(first), f"{indent}- ", f"{indent}  ")
    for name, value in rest:
        yield from _named(name, value, f"{indent}  ")


def _holds(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _wrapped(text: str, before: str, indent: str = "") -> list[str]:
    after = indent or " " * len(before)
    # Addresses are for copying: they are never broken.
    return textwrap.wrap(
        text,
        max(_WIDTH, len(before) + 40),
        initial_indent=before,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [before.rstrip()]


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Changes one by one, or that there are none."""
    if not changes:
        yield "Nothing that readers could cite has changed."
    for change in changes:
        label = f": {change.label}" if change.label != change.record else ""
        yield from _wrapped(f"{change.kind} {change.record}{label}", "", "  ")
        yield from _wrapped(change.told, "  ")
        yield from _wrapped(f"Why: {change.reason or 'no reason is recorded'}", "  ")
    if changes:
        yield f"{len(changes)} change{'s' * (len(changes) > 1)}."
