"""The PDFs hold what PDF/UA and PDF/A ask, and the rules see it when they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from tests.ebook.matterhorn import RULES, Document, faults
from tests.ebook.tiny_book import Made

Breaking = Callable[[pikepdf.Pdf], object]


@pytest.fixture
def pdf(made: Made) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(made.pdf) as opened:
        yield opened


def test_the_tiny_book_and_its_chapters_fail_no_rule(made: Made) -> None:
    files = [made.pdf, *made.offprints.values()]
    assert len(files) == 4
    for file in files:
        with pikepdf.open(file) as opened:
            assert faults(opened) == []


def test_the_real_book_and_its_chapters_fail_no_rule(site: Path) -> None:
    # The PDF of a figure is a part for other people's documents, and none by itself.
    files = [file for file in sorted(site.rglob("*.pdf")) if file.parent.name != "figures"]
    assert len(files) > 30
    for file in files:
        with pikepdf.open(file) as opened:
            assert faults(opened) == [], file.name


def first(pdf: pikepdf.Pdf, kind: str) -> pikepdf.Object:
    return Document(pdf).of(kind)[0].node


def show(pdf: pikepdf.Pdf, content: str) -> None:
    """Add content to the first page that has a font."""
    page = next(page for page in pdf.pages if "/Font" in page.obj.get("/Resources", {}))
    font = next(iter(page.Resources.Font))
    page.contents_add(content.replace("FONT", font).encode())


def link(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return Document(pdf).annotations[0][1]


def fonts(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [font for font in Document(pdf).fonts.values() if font.Subtype == Name.Type0]


def descriptor(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return fonts(pdf)[0].DescendantFonts[0].FontDescriptor


def change_metadata(pdf: pikepdf.Pdf, old: str, new: str) -> None:
    text = pdf.Root.Metadata.read_bytes().decode()
    assert old in text
    pdf.Root.Metadata = Stream(pdf, text.replace(old, new).encode())


def untable(pdf: pikepdf.Pdf) -> None:
    for element in Document(pdf).of("TH"):
        element.node.S = Name.TD


def unscope(pdf: pikepdf.Pdf) -> None:
    first(pdf, "TH").A = Array([])


BREAKINGS: list[tuple[str, Breaking]] = [
    (
        "01-003",
        lambda pdf: show(pdf, "/Artifact BMC /P <</MCID 0>> BDC 0 0 1 1 re f EMC EMC"),
    ),
    ("01-005", lambda pdf: show(pdf, "0 0 9 9 re f")),
    ("01-005", lambda pdf: show(pdf, "BT FONT 9 Tf <0001> Tj ET")),
    ("01-006", lambda pdf: show(pdf, "/P <</MCID 9999>> BDC 0 0 1 1 re f EMC")),
    ("01-007", lambda pdf: setattr(pdf.Root.MarkInfo, "Suspects", True)),
    ("02-001", lambda pdf: setattr(first(pdf, "P"), "S", Name.Sidebar)),
    ("06-002", lambda pdf: change_metadata(pdf, "<pdfuaid:part>1<", "<pdfuaid:part>2<")),
    ("06-003", lambda pdf: change_metadata(pdf, "dc:title", "dc:subtitle")),
    ("07-001", lambda pdf: setattr(pdf.Root.ViewerPreferences, "DisplayDocTitle", False)),
    ("09-004", lambda pdf: setattr(first(pdf, "LI"), "S", Name.TD)),
    ("11-006", lambda pdf: pdf.Root.__delattr__("Lang")),
    ("13-004", lambda pdf: first(pdf, "Figure").__delattr__("Alt")),
    ("13-004", lambda pdf: first(pdf, "Figure").__delattr__("A")),
    ("14-003", lambda pdf: setattr(first(pdf, "H2"), "S", Name.H4)),
    ("15-003", untable),
    ("15-003", unscope),
    ("17-002", lambda pdf: setattr(first(pdf, "Formula"), "Alt", String(" "))),
    ("19-003", lambda pdf: setattr(first(pdf, "Note"), "ID", String(""))),
    ("20-001", lambda pdf: setattr(pdf.Root, "OCProperties", Dictionary())),
    ("28-004", lambda pdf: link(pdf).__delattr__("Contents")),
    ("28-008", lambda pdf: [page.obj.__delattr__("Tabs") for page in pdf.pages]),
    ("28-011", lambda pdf: link(pdf).__delattr__("StructParent")),
    ("28-011", lambda pdf: setattr(first(pdf, "Link"), "K", Array([]))),
    ("31-009", lambda pdf: descriptor(pdf).__delattr__("FontFile2")),
    (
        "31-009",
        lambda pdf: setattr(fonts(pdf)[0].DescendantFonts[0], "BaseFont", Name("/BookSerif")),
    ),
    ("31-027", lambda pdf: fonts(pdf)[0].__delattr__("ToUnicode")),
    ("31-030", lambda pdf: show(pdf, "/Artifact BMC BT FONT 9 Tf <00010000> Tj ET EMC")),
    ("A-6.2.3", lambda pdf: pdf.Root.__delattr__("OutputIntents")),
    (
        "A-6.6.1",
        lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.JavaScript, JS=String("1"))),
    ),
    ("A-6.6.1", lambda pdf: setattr(link(pdf), "A", Dictionary(S=Name.Launch))),
    ("A-6.6.4", lambda pdf: change_metadata(pdf, "<pdfaid:part>3<", "<pdfaid:part>1<")),
    (
        "A-6.8",
        lambda pdf: setattr(
            pdf.Root,
            "AF",
            pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("other.csv"))),
        ),
    ),
    ("A-6.1.3", lambda pdf: pdf.trailer.__delitem__("/ID")),
]


@pytest.mark.parametrize(
    ("number", "breaking"), BREAKINGS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(BREAKINGS)]
)
def test_each_rule_sees_what_it_forbids(pdf: pikepdf.Pdf, number: str, breaking: Breaking) -> None:
    breaking(pdf)
    assert {fault.partition(":")[0] for fault in faults(pdf)} == {number}


def test_each_rule_sees_what_it_forbids_after_saving(pdf: pikepdf.Pdf, tmp_path: Path) -> None:
    pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user=""))
    with pikepdf.open(tmp_path / "locked.pdf") as locked:
        assert {fault.partition(":")[0] for fault in faults(locked)} == {"26-001"}


def test_each_rule_is_proved() -> None:
    assert {number for number, _ in BREAKINGS} | {"26-001"} == RULES.keys()
