"""The real book, built whole: what a reader gets."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from lxml import html

from nkbook.checks import run_checks
from tests.conftest import ROOT

NAME = "north-korean-peoples-challenges"


def test_every_edition_is_there(site: Path) -> None:
    for name in ("index.html", f"{NAME}.epub", f"{NAME}.pdf", f"{NAME}-offline.zip"):
        assert (site / name).stat().st_size > 1000
    with zipfile.ZipFile(site / f"{NAME}-offline.zip") as archive:
        assert f"{NAME}-offline/index.html" in archive.namelist()


def test_every_link_inside_the_site_leads_somewhere(site: Path) -> None:
    pages = {file: html.parse(str(file)).getroot() for file in site.rglob("*.html")}
    ids = {
        file: {node.get("id") for node in tree.iter() if node.get("id")}
        for file, tree in pages.items()
    }
    broken = []
    for file, tree in pages.items():
        for node in tree.iter("a", "link", "script", "img"):
            address = node.get("href") or node.get("src") or ""
            if re.match(r"[a-z]+:", address) or address == "#_":  # "#_" closes a note: no target
                continue
            path, _, fragment = address.partition("#")
            folder = site if path.startswith("/") else file.parent
            target = (folder / path.lstrip("/")).resolve() if path else file
            if target.is_dir():
                target /= "index.html"
            if not target.is_file() or (fragment and fragment not in ids.get(target, ())):
                broken.append(f"{file.relative_to(site)}: {address}")
    assert not broken


def test_no_page_names_another_host_as_a_resource(site: Path) -> None:
    names = {"alternate", "canonical"}  # relations that name an address and load nothing
    for file in site.rglob("*.html"):
        tree = html.parse(str(file)).getroot()
        for node in tree.iter("img", "script", "link", "iframe", "source"):
            if node.get("rel") in names:
                continue
            assert not re.match(r"(?:https?:)?//", node.get("src") or node.get("href") or "")
    for file in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", file.read_text(encoding="utf-8"))


def test_committed_figures_are_what_the_chapters_draw(site: Path, clone: Path) -> None:
    committed = sorted((ROOT / "figures").glob("fig-*"))
    assert len([file for file in committed if file.suffix == ".svg"]) >= 8
    drawn = {file.name: file.read_bytes() for file in (clone / "figures").glob("fig-*")}
    assert {file.name for file in committed} == set(drawn)
    assert [file.name for file in committed if file.read_bytes() != drawn[file.name]] == []


def test_provenance_names_sources_that_exist(clone: Path, site: Path) -> None:
    sources = {item["id"] for item in json.loads((clone / "_references.json").read_text())}
    for file in (site / "figures").glob("*.json"):
        provenance = json.loads(file.read_text())
        assert provenance["unit"]
        assert set(provenance["sources"]) <= sources
        assert provenance["sources"]


def test_house_rules_have_no_finding(site: Path, clone: Path) -> None:
    assert [str(finding) for finding in run_checks(clone)] == []


def test_notebooks_hold_no_outputs() -> None:
    for file in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), f"{file.name} holds outputs"
            assert cell.get("execution_count") is None
