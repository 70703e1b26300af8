"""The package installed elsewhere: what `pip install` brings makes a new book, and no checkout."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nkbook.cli import main
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORTED_AS = {
    "jupyter-client": "jupyter_client",
    "pillow": "PIL",
    "pypandoc-binary": "pypandoc",
    "pyyaml": "yaml",
}
BROUGHT = {"numpy", "markupsafe"}
"""What matplotlib and Jinja hand over, and so bring."""
STARTED = {"ipykernel"}
"""The kernel, which is started and not imported."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked hatchling and without network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("nkbook-*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`nkbook` from the wheel in a new environment that sees our packages but not our code."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # The path files of a folder that is named like this are not read: no editable install of ours.
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "nkbook"


def run(program: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # No PYTHONPATH, no activated environment: as somebody else's shell would have it.
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(program), *arguments], cwd=folder, capture_output=True, text=True, env=clean
    )


def test_a_new_book_builds_from_the_installed_wheel(program: Path, tmp_path: Path) -> None:
    assert (done := run(program, tmp_path, "init", "my book")).returncode == 0, done.stderr
    assert "cd 'my book' && nkbook build" in done.stdout
    book = tmp_path / "my book"
    done = run(program, book, "build", "--engine", "portable")
    assert done.returncode == 0, done.stderr
    site = book / "_site"
    page = html.parse(str(site / "notebooks/rain.html"))
    assert page.xpath("string(//figure//img/@alt)").startswith("Bars of the rain")
    assert "Figure\u00a01.1" in page.xpath("string(//main)")
    assert "(Tukey 1977)" in page.xpath("string(//main)")
    assert "On the wettest of 7 days, 11 mm fell." in page.xpath("string(//main)")
    assert zipfile.ZipFile(site / "A-small-book.epub").testzip() is None
    assert (site / "A-small-book.pdf").read_bytes().startswith(b"%PDF-")


def test_the_installed_package_is_not_the_checkout(program: Path, tmp_path: Path) -> None:
    python = program.with_name("python")
    asked = "from nkbook.paths import ASSETS; print(ASSETS)"
    done = run(python, tmp_path, "-c", asked)
    assert Path(done.stdout.strip()) == next(program.parents[1].glob("lib/*/*/nkbook/assets"))
    assert run(program, tmp_path, "--version").stdout.strip().endswith(PROJECT["version"])


def test_the_wheel_holds_every_asset_and_nothing_of_the_book(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assets = {
        f"nkbook/assets/{file.relative_to(ROOT / 'assets').as_posix()}"
        for file in (ROOT / "assets").rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }
    held = {name for name in names if name.startswith("nkbook/assets/")}
    assert held == assets
    assert {name.split("/")[0] for name in names} == {
        "nkbook",
        f"nkbook-{PROJECT['version']}.dist-info",
    }


def file_body(file: Path) -> list[ast.stmt]:
    """What runs when a module is imported; what a function imports, only some need."""
    return ast.parse(file.read_text(encoding="utf-8")).body


def test_each_dependency_is_used_and_each_import_is_a_dependency() -> None:
    imported: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in file_body(file):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.split(".")[0] for name in names}
    needed = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    modules = {IMPORTED_AS.get(name, name) for name in needed} - STARTED
    assert modules <= imported
    assert imported - modules - {"nkbook"} <= sys.stdlib_module_names | BROUGHT


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "references.bib").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert result.exit_code == 1
    assert "NB903" in result.output
    assert "references.bib" in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["references.bib"]
    assert (tmp_path / "references.bib").read_text(encoding="utf-8") == "mine"


def test_starting_twice_is_a_fault_and_changes_nothing(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["init", str(tmp_path)]).exit_code == 0
    (tmp_path / "index.qmd").write_text("# Mine\n", encoding="utf-8")
    shutil.rmtree(tmp_path / "notebooks")
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.count("NB903") == 4
    assert (tmp_path / "index.qmd").read_text(encoding="utf-8") == "# Mine\n"
    assert not (tmp_path / "notebooks").exists()
