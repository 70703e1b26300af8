"""What a program can check of PDF/UA-1 and PDF/A-3a in a file, after the Matterhorn Protocol 1.1.

Each rule has the number of its failure condition there (PDF/A's begin with `A`) and gives a line
for every place that fails. What only people can judge, such as whether an alt text is true, is not
here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Dictionary, Name, Stream

Rule = Callable[["Document"], Iterator[str]]
RULES: dict[str, Rule] = {}

STANDARD = re.compile(
    "Document|Part|Sect|Div|Caption|TOCI?|Index|BlockQuote|Title|P|H[1-6]|L|LI|Lbl|LBody|Table|TR|"
    "TH|TD|THead|TBody|TFoot|Span|Quote|Note|Reference|BibEntry|Code|Link|Annot|Figure|Formula|"
    "NonStruct|Private"
)
"""Kinds of elements that PDF 1.7 knows."""

PARENTS = {
    "TOCI": {"TOC"},
    "LI": {"L"},
    "Lbl": {"LI", "Note", "TOCI", "BibEntry", "P", "Span", "Link"},
    "LBody": {"LI"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"},
    "TD": {"TR"},
}
"""Kinds that stand only in some others."""

SHOWN = {"Tj", "TJ", "'", '"', "Do", "sh", "f", "F", "f*", "B", "B*", "b", "b*", "s", "S", "EI"}
"""Operators that put something on a page."""


def faults(pdf: pikepdf.Pdf) -> list[str]:
    """Everything that fails, each with the number of its condition."""
    document = Document(pdf)
    return [f"{number}: {fault}" for number, rule in RULES.items() for fault in rule(document)]


class Element:
    """An element of the structure tree with the place it has there."""

    def __init__(self, node: Any, kind: str, parent: Element | None) -> None:
        self.node = node
        self.kind = kind
        self.parent = parent

    @property
    def own_kind(self) -> str:
        return str(self.node.S)[1:]

    def attribute(self, name: str) -> Any:
        """A structure attribute, whatever group it is in."""
        given = self.node.get("/A", [])
        groups = given if isinstance(given, pikepdf.Array) else [given]
        return next((group[name] for group in groups if name in group), None)

    @property
    def name(self) -> str:
        return f"{self.own_kind} {self.node.objgen[0]}"


class Shown(NamedTuple):
    """Something that a page shows."""

    page: int
    operator: str
    mcid: int | None
    """The number of its marked content on the page."""
    artifact: bool
    text: bytes
    """The codes of its glyphs, two bytes each, where it is text."""


def _text(operands: Any) -> bytes:
    parts = operands[0] if operands and isinstance(operands[0], pikepdf.Array) else operands
    return b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))


class Document:
    """A PDF with its structure, read once for all rules."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.root = pdf.Root

    @cached_property
    def xmp(self) -> str:
        return self.root.Metadata.read_bytes().decode() if "/Metadata" in self.root else ""

    @cached_property
    def roles(self) -> dict[str, str]:
        given = self.root.get("/StructTreeRoot", {}).get("/RoleMap", {})
        return {str(own)[1:]: str(standard)[1:] for own, standard in given.items()}

    @cached_property
    def elements(self) -> list[Element]:
        """The structure tree in reading order."""
        found: list[Element] = []

        def visit(kids: Any, parent: Element | None) -> None:
            for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                if isinstance(kid, Dictionary) and "/S" in kid:
                    own = str(kid.S)[1:]
                    element = Element(kid, self.roles.get(own, own), parent)
                    found.append(element)
                    visit(kid.get("/K", pikepdf.Array([])), element)

        visit(self.root.get("/StructTreeRoot", {}).get("/K", pikepdf.Array([])), None)
        return found

    def of(self, *kinds: str) -> list[Element]:
        return [element for element in self.elements if element.kind in kinds]

    @cached_property
    def parents(self) -> dict[int, Any]:
        """The parent tree: what the numbers of pages and annotations stand for."""

        def flat(node: Any) -> Iterator[tuple[int, Any]]:
            numbers = list(node.get("/Nums", []))
            yield from zip(map(int, numbers[::2]), numbers[1::2], strict=True)
            for kid in node.get("/Kids", []):
                yield from flat(kid)

        return dict(flat(self.root.get("/StructTreeRoot", {}).get("/ParentTree", Dictionary())))

    @cached_property
    def annotations(self) -> list[tuple[int, Any]]:
        return [
            (number, annotation)
            for number, page in enumerate(self.pdf.pages, 1)
            for annotation in page.obj.get("/Annots", [])
        ]

    @cached_property
    def fonts(self) -> dict[str, Any]:
        found = {}
        for thing in self.pdf.objects:
            if isinstance(thing, Dictionary) and thing.get("/Type") == Name.Font:
                found[f"{thing.get('/BaseFont')} {thing.Subtype}"] = thing
        return found

    @cached_property
    def content(self) -> list[Shown]:
        """What each page shows, in the order of drawing."""
        operators = " ".join(sorted(SHOWN | {"BMC", "BDC", "EMC", "BI", "ID"}))
        shown: list[Shown] = []
        for number, page in enumerate(self.pdf.pages, 1):
            open_marks: list[tuple[int | None, bool]] = []
            for operands, operator in pikepdf.parse_content_stream(page, operators):
                match str(operator):
                    case "BDC" | "BMC":
                        properties = operands[1] if len(operands) > 1 else {}
                        mcid = (
                            properties.get("/MCID") if isinstance(properties, Dictionary) else None
                        )
                        artifact = operands[0] == Name.Artifact
                        open_marks.append((None if mcid is None else int(mcid), artifact))
                    case "EMC":
                        open_marks.pop()
                    case name if name in SHOWN:
                        mcids = [mcid for mcid, _ in open_marks if mcid is not None]
                        artifact = any(artifact for _, artifact in open_marks)
                        mcid = mcids[-1] if mcids else None
                        shown.append(Shown(number, name, mcid, artifact, _text(operands)))
        return shown


def rule(number: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES[number] = function
        return function

    return register


@rule("01-003")
def artifact_in_tagged_content(document: Document) -> Iterator[str]:
    for item in document.content:
        if item.mcid is not None and item.artifact:
            yield f"page {item.page}: {item.operator} is tagged and artifact at once"


@rule("01-005")
def content_is_tagged_or_artifact(document: Document) -> Iterator[str]:
    for item in document.content:
        if item.mcid is None and not item.artifact:
            yield f"page {item.page}: {item.operator} is neither tagged nor an artifact"


@rule("01-006")
def tagged_content_has_its_element(document: Document) -> Iterator[str]:
    used: dict[int, set[int]] = {}
    for item in document.content:
        if item.mcid is not None:
            used.setdefault(item.page, set()).add(item.mcid)
    for number, mcids in used.items():
        page = document.pdf.pages[number - 1].obj
        owners = document.parents.get(int(page.get("/StructParents", -1)))
        for mcid in sorted(mcids):
            if owners is None or mcid >= len(owners) or not isinstance(owners[mcid], Dictionary):
                yield f"page {number}: content {mcid} belongs to no element"


@rule("01-007")
def no_suspects(document: Document) -> Iterator[str]:
    if document.root.get("/MarkInfo", {}).get("/Suspects", False):
        yield "/Suspects is true"


@rule("02-001")
def kinds_are_standard(document: Document) -> Iterator[str]:
    for element in document.elements:
        if not STANDARD.fullmatch(element.kind):
            yield f"{element.name} is mapped to no standard kind"


@rule("06-002")
def metadata_says_pdf_ua(document: Document) -> Iterator[str]:
    if not re.search(r"<pdfuaid:part>1<|pdfuaid:part=\"1\"", document.xmp):
        yield "XMP does not say pdfuaid:part 1"


@rule("06-003")
def metadata_has_a_title(document: Document) -> Iterator[str]:
    if not re.search(r"<dc:title>.*?<rdf:li[^>]*>[^<]+<", document.xmp, re.DOTALL):
        yield "XMP has no dc:title"


@rule("07-001")
def title_is_displayed(document: Document) -> Iterator[str]:
    if not document.root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "/DisplayDocTitle is not true"


@rule("09-004")
def elements_nest_as_they_must(document: Document) -> Iterator[str]:
    for element in document.elements:
        allowed = PARENTS.get(element.kind)
        parent = element.parent.kind if element.parent else ""
        if allowed and parent not in allowed:
            yield f"{element.name} stands in {parent or 'nothing'}"


@rule("11-006")
def language_is_declared(document: Document) -> Iterator[str]:
    if not str(document.root.get("/Lang", "")):
        yield "the document has no /Lang"


@rule("13-004")
def figures_have_alternatives(document: Document) -> Iterator[str]:
    for element in document.of("Figure"):
        if not str(element.node.get("/Alt", "")).strip():
            yield f"{element.name} has no /Alt"
        if element.attribute("/BBox") is None:
            yield f"{element.name} has no BBox"


@rule("14-003")
def headings_skip_no_level(document: Document) -> Iterator[str]:
    headings = [e for e in document.elements if re.fullmatch(r"H[1-6]", e.kind)]
    levels = [0, *(int(element.kind[1]) for element in headings)]
    for element, (before, after) in zip(headings, pairwise(levels), strict=True):
        if after > before + 1:
            yield f"{element.name} follows level {before}"


@rule("15-003")
def tables_have_header_cells(document: Document) -> Iterator[str]:
    headed = set()
    for element in document.of("TH"):
        if element.attribute("/Scope") is None and not element.attribute("/Headers"):
            yield f"{element.name} has neither Scope nor Headers"
        table = element
        while table.parent and table.kind != "Table":
            table = table.parent
        headed.add(table.node.objgen)
    for table in document.of("Table"):
        if table.node.objgen not in headed:
            yield f"{table.name} has no TH"


@rule("17-002")
def formulas_have_alternatives(document: Document) -> Iterator[str]:
    for element in document.of("Formula"):
        if not str(element.node.get("/Alt", "")).strip():
            yield f"{element.name} has no /Alt"


@rule("19-003")
def notes_have_ids_of_their_own(document: Document) -> Iterator[str]:
    ids = Counter(str(element.node.get("/ID", "")) for element in document.of("Note"))
    for name, count in ids.items():
        if not name or count > 1:
            yield f"{count} notes have the ID “{name}”"


@rule("20-001")
def no_optional_content(document: Document) -> Iterator[str]:
    if "/OCProperties" in document.root:
        yield "there is optional content"


@rule("26-001")
def not_encrypted(document: Document) -> Iterator[str]:
    if document.pdf.is_encrypted:
        yield "the file is encrypted"


@rule("28-004")
def annotations_say_what_they_are(document: Document) -> Iterator[str]:
    for page, annotation in document.annotations:
        if not str(annotation.get("/Contents", "")).strip():
            yield f"page {page}: {annotation.Subtype} has no /Contents"


@rule("28-008")
def tabs_follow_the_structure(document: Document) -> Iterator[str]:
    for number, page in enumerate(document.pdf.pages, 1):
        if page.obj.get("/Annots") and page.obj.get("/Tabs") != Name.S:
            yield f"page {number}: /Tabs is not /S"


@rule("28-011")
def links_are_in_the_structure(document: Document) -> Iterator[str]:
    referred = {
        kid.Obj.objgen
        for element in document.of("Link")
        for kid in element.node.get("/K", [])
        if isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR
    }
    for page, annotation in document.annotations:
        parent = document.parents.get(int(annotation.get("/StructParent", -1)))
        if annotation.objgen not in referred or parent is None:
            yield f"page {page}: a link is not in the structure"


@rule("31-009")
def fonts_are_embedded_in_parts(document: Document) -> Iterator[str]:
    for name, font in document.fonts.items():
        for own in font.get("/DescendantFonts", [font]):
            descriptor = own.get("/FontDescriptor", Dictionary())
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
                yield f"{name} is not embedded"
            elif not re.match(r"/[A-Z]{6}\+", str(own.BaseFont)):
                yield f"{name} is embedded whole"


@rule("31-027")
def fonts_say_their_characters(document: Document) -> Iterator[str]:
    for name, font in document.fonts.items():
        if font.Subtype == Name.Type0 and "/ToUnicode" not in font:
            yield f"{name} has no ToUnicode"


@rule("31-030")
def no_missing_glyph(document: Document) -> Iterator[str]:
    for item in document.content:
        if b"\0\0" in {item.text[at : at + 2] for at in range(0, len(item.text), 2)}:
            yield f"page {item.page}: a glyph that the font does not have"


@rule("A-6.2.3")
def colours_have_an_output_intent(document: Document) -> Iterator[str]:
    intents = document.root.get("/OutputIntents", [])
    if not any(i.get("/S") == Name.GTS_PDFA1 and "/DestOutputProfile" in i for i in intents):
        yield "there is no output intent with a profile"


@rule("A-6.6.1")
def no_actions_but_links(document: Document) -> Iterator[str]:
    names = document.root.get("/Names", {})
    for key in ("/OpenAction", "/AA", "/AcroForm"):
        if key in document.root:
            yield f"the document has {key}"
    if "/JavaScript" in names:
        yield "there is JavaScript"
    for page, annotation in document.annotations:
        action = annotation.get("/A", Dictionary()).get("/S", Name.URI)
        if action not in {Name.URI, Name.GoTo}:
            yield f"page {page}: an action {action}"


@rule("A-6.6.4")
def metadata_says_pdf_a(document: Document) -> Iterator[str]:
    if not re.search(r"<pdfaid:part>3<|pdfaid:part=\"3\"", document.xmp):
        yield "XMP does not say pdfaid:part 3"


@rule("A-6.8")
def no_files_of_others(document: Document) -> Iterator[str]:
    for thing in document.pdf.objects:
        if isinstance(thing, Stream) and "/F" in thing:
            yield f"stream {thing.objgen[0]} is in another file"
        elif isinstance(thing, Dictionary) and thing.get("/Type") == Name.Filespec:
            yield f"file specification {thing.objgen[0]}"


@rule("A-6.1.3")
def the_file_has_an_id(document: Document) -> Iterator[str]:
    if "/ID" not in document.pdf.trailer:
        yield "the trailer has no ID"
