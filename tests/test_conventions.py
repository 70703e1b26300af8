"""Files that other programs read (conda, Binder, GitHub, editors, pre-commit) say what is true."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from nkbook.cli import main
from nkbook.render.engines import MINIMUM
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
WORKFLOWS = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in (ROOT / ".github" / "workflows").glob("*.yml")
}
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
PRE_COMMIT = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
TESTED = WORKFLOWS["test"]["jobs"]["test"]["strategy"]["matrix"]["python"]


def bounds(extra: str = "") -> dict[str, SpecifierSet]:
    """The direct dependencies, with those of an extra, by name."""
    texts = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"].get(extra, [])]
    read = [Requirement(text) for text in texts]
    return {canonicalize_name(item.name): item.specifier for item in read}


def locked(name: str) -> dict[str, list[Version]]:
    """The versions in a lock, by package; a package may have one for each Python."""
    found: dict[str, list[Version]] = {}
    text = (ROOT / name).read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), []).append(Version(version))
    return found


def known(command: str) -> bool:
    """Whether a command runs a target of make, a command of ours or a file that is there."""
    program, *arguments = command.split()
    if program == "make":
        return arguments[0] in TARGETS
    if program == ".venv/bin/nkbook":
        return arguments[0] in main.commands
    if program.startswith(".venv/bin/"):
        return program.removeprefix(".venv/bin/") in locked("requirements-test.txt")
    return os.access(ROOT / program, os.X_OK)


def steps() -> Iterator[dict[str, Any]]:
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            yield from job["steps"]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.txt", ["book", "build"]), ("requirements-test.txt", ["book", "build", "test"])],
)
def test_the_lock_holds_each_dependency_and_meets_its_bound(lock: str, extras: list[str]) -> None:
    versions = locked(lock)
    wanted = {name: bound for extra in ["", *extras] for name, bound in bounds(extra).items()}
    unmet = {
        name
        for name, bound in wanted.items()
        if name not in versions or any(version not in bound for version in versions[name])
    }
    assert unmet == set()


def test_conda_brings_what_the_project_asks_for() -> None:
    (pip,) = [item["pip"] for item in ENVIRONMENT["dependencies"] if isinstance(item, dict)]
    # Whatever conda does not bring comes with the package itself.
    assert pip == ["--editable .[book]"]
    listed = [item.partition(" ") for item in ENVIRONMENT["dependencies"] if isinstance(item, str)]
    conda = {name: bound for name, _, bound in listed}
    assert conda.pop("python").removeprefix("=") in TESTED
    assert conda.pop("quarto") == f">={'.'.join(map(str, MINIMUM))}"
    assert conda.pop("pip") == ""
    wanted = bounds("author")
    assert {name: SpecifierSet(bound) for name, bound in conda.items()} == {
        name: wanted[name] for name in conda
    }
    assert "jupyterlab" in conda


def test_every_python_that_is_named_is_tested() -> None:
    lowest = SpecifierSet(PROJECT["requires-python"])
    assert all(version in lowest for version in TESTED)
    assert f">={TESTED[0]}" == PROJECT["requires-python"]
    named = [step["with"]["python-version"] for step in steps() if "setup-python" in str(step)]
    assert set(named) - {"${{ matrix.python }}"} <= set(TESTED)
    assert DEVCONTAINER["image"].rpartition(":")[2] in TESTED


def test_workflows_run_what_exists_with_pinned_actions() -> None:
    assert sorted(WORKFLOWS) == ["publish", "test"]
    for step in steps():
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            assert all(known(line) for line in step["run"].splitlines()), step
        else:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@(?:v\d+(?:\.\d+)*|[0-9a-f]{40})", step["uses"])
    (quarto,) = [s["with"]["version"] for s in steps() if "quarto-actions" in s.get("uses", "")]
    assert tuple(map(int, quarto.split("."))) >= MINIMUM


def test_workflows_may_do_as_little_as_they_need() -> None:
    allowed = {}
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}
        assert workflow["concurrency"]["group"]
        for job, content in workflow["jobs"].items():
            assert content["timeout-minutes"]
            if "permissions" in content:
                allowed[name, job] = content["permissions"]
    assert allowed == {("publish", "deploy"): {"pages": "write", "id-token": "write"}}
    for step in steps():
        assert "secrets." not in str(step)
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    # What is uploaded is the website, and only where it is published.
    uploads = [step for step in steps() if "upload" in step.get("uses", "")]
    assert [step["with"] for step in uploads] == [{"path": "_site"}]
    # YAML 1.1 reads the key `on` as true. Anyone may open a pull request; none publishes.
    assert set(WORKFLOWS["publish"][True]) == {"push", "workflow_dispatch"}


def test_the_container_builds_the_book() -> None:
    assert known(DEVCONTAINER["postCreateCommand"])


def test_hooks_run_the_locked_programs() -> None:
    assert [repository["repo"] for repository in PRE_COMMIT["repos"]] == ["local"]
    hooks = PRE_COMMIT["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all(known(hook["entry"]) for hook in hooks)
    assert {hook["id"] for hook in hooks} == {"ruff", "format", "strip", "check"}
    strip = next(hook for hook in hooks if hook["id"] == "strip")
    assert all(
        re.search(strip["files"], file.relative_to(ROOT).as_posix())
        for file in (ROOT / "notebooks").glob("*.ipynb")
    )
