"""YAML as authors write it: plain values, and nothing that grows or runs when it is read.

An alias repeats what it names, and aliases of aliases unfold a page into more than a machine can
hold. So a text is measured before its values are made: how deep it goes, and how large it is with
every alias written out.
"""

from __future__ import annotations

from typing import Any

import yaml

_DEEPEST = 60
"""Values within values; Quarto's own settings go seven deep."""
_LARGEST = 200_000
"""Values with every alias written out: a hundred times what this book has."""

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What the library raises for a value of another form than its tag says."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """A text that cannot be read as YAML, or must not be."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        """Counted from 1; `None` where nobody knows."""

    def place(self, file: str) -> str:
        """How messages name the place in a file."""
        return f"{file}, line {self.line}" if self.line else file


def read_yaml(text: str) -> Any:
    """The values of a text. Raises `YamlError`."""
    try:
        _measure(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        raise YamlError(
            str(problem or "not valid YAML"), mark.line + 1 if mark else None
        ) from error
    except YamlError:
        raise
    except _UNREADABLE as error:
        # Such as a date in a thirteenth month, a number of five thousand digits, or `!!int` alone.
        raise YamlError(f"a value cannot be read: {error}") from error


def read_tree(text: str) -> yaml.Node | None:
    """The same as nodes, which know their lines, of a text that `read_yaml` has read."""
    tree: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return tree


def _measure(text: str) -> None:
    """Raise `YamlError` for what is too deep or unfolds into too much; nothing is made of it."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor or "", total))
            if len(open_) > _DEEPEST:
                raise YamlError(f"values lie in values more than {_DEEPEST} times", line)
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in open_}:
                raise YamlError(f"“*{event.anchor}” lies in what it names", line)
            total += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
        if total > _LARGEST:
            raise YamlError(f"unfolds into more than {_LARGEST:,} values", line)
