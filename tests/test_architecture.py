"""The house stands as CONTRIBUTING draws it: imports go one way only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "nkbook"

BASE = {"model", "paths", "errors", "clock", "characters", "__init__"}
ALLOWED = {
    **dict.fromkeys(BASE, BASE),
    "data": BASE | {"data"},
    "charts": BASE | {"data", "charts"},
    "notebook": BASE | {"data", "charts"},
    "evidence": BASE | {"data", "evidence"},
    "render": BASE | {"render"},
    "parity": BASE | {"render", "parity"},
    "checks": BASE | {"data", "charts", "notebook", "evidence", "render", "checks"},
    "__main__": {"cli"},
    "cli": BASE | {"data", "charts", "notebook", "evidence", "render", "parity", "checks"},
}


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py") if parts else "__init__"


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= set(names) if node.module == "nkbook" else {node.module}
    return {name for name in found if name.split(".")[0] == "nkbook"}


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.name))
def test_imports_go_only_down(file: Path) -> None:
    parts = file.relative_to(PACKAGE).parts
    here = room(parts)
    assert here in ALLOWED, f"“{here}” is a room that CONTRIBUTING does not know"
    for name in imports(file):
        there = room(tuple(name.split(".")[1:])) if "." in name else "__init__"
        there = there if there in ALLOWED else "__init__"
        assert there in ALLOWED[here], f"{here} must not import {there}"


def test_only_one_module_saves_figures() -> None:
    users = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if ".savefig(" in file.read_text(encoding="utf-8")
        or ".print_svg(" in file.read_text(encoding="utf-8")
    ]
    assert users == ["charts/save.py"]


def test_only_one_module_calls_pandoc() -> None:
    users = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "import pypandoc" in file.read_text(encoding="utf-8")
    ]
    assert users == ["render/pandoc.py"]
