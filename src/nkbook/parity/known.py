"""What the two engines do in different ways and will, each with the reason.

Every row is met by a small project in `tests/parity/projects/`: one that is met no longer is a
finding, so that nobody is excused by a fault that was mended.
"""

from __future__ import annotations

from nkbook.parity.comparison import Known

_NUMBERED = r"(?:Chapter|Section|Appendix|Kapitel|Anhang) [\w.]+”"
"""The words of a reference that say a number, to their end."""

KNOWN: tuple[Known, ...] = (
    Known(
        "epub",
        "chapters",
        r"(?P<chapter>.+) ≠ (?P=chapter), part “.+”",
        "Quarto’s EPUB drops parts",
    ),
    Known(
        "epub",
        "chapters",
        r"number “\d+”, title “(?P<title>.+?)” ≠ title “(?P=title)”(?:, part “.+”)?",
        "in its EPUB, Quarto takes no options of chapters: all of them have numbers",
    ),
    Known(
        "epub",
        "headings",
        r"(?P<level>level “\d”), number “[\d.]+”, (?P<text>text “.+”), id “(?P<id>.+?)(?:-\d+)?” ≠ "
        r"(?P=level), (?P=text), id “(?:.+-)?(?P=id)”",
        "in its EPUB, Quarto takes no options of chapters: all of them have numbers",
    ),
    Known(
        "epub",
        "headings",
        r"(?P<heading>.+), id “(?P<id>.+)-\d+” ≠ (?P=heading), id “(?:.+-)?(?P=id)”",
        "where chapters have the same heading, Quarto’s EPUB counts and ours names the chapter",
    ),
    Known(
        "epub",
        "links",
        r"text “(?P<text>.+)”, target “file .+\.(?:qmd|ipynb|md)” ≠ "
        r"text “(?P=text)”, target “chapter .+”",
        "in an EPUB, Quarto leaves a link to a chapter’s file as it is, so it leads nowhere",
    ),
    Known(
        "epub",
        "links",
        r"text “.+”, target “file .+” ≠ nothing",
        "no file of the site is in the EPUB: where Quarto’s link leads nowhere, ours is text",
    ),
    Known(
        "",
        "links",
        r"nothing ≠ text “(?P<address>https?://.+)”, target “(?P=address)”",
        "our reader makes a link of a bare address, so that it can be followed",
    ),
    Known(
        "html",
        "references",
        rf"text “(?!{_NUMBERED}).+”, target “(?P<target>.+)” ≠ "
        rf"text “{_NUMBERED}, target “(?P=target)”",
        "on a page without a number, Quarto refers to sections by their titles",
    ),
    Known(
        "epub",
        "references",
        rf"text “{_NUMBERED}, target “(?P<target>.+)” ≠ "
        rf"text “(?!{_NUMBERED}).+”, target “(?P=target)”",
        "in a book without numbers, our EPUB refers to sections by their titles, as the site does",
    ),
    Known(
        "",
        "references",
        r"nothing ≠ text “(?P<title>.+)”, target “(?:#sec-.+|chapter (?P=title))”",
        "Quarto cannot refer to a section without a number; ours prints its title",
    ),
    Known(
        "",
        "text",
        r"(?P<before>.*)\?@?sec-[\w-]+(?P<after>.*) ≠ (?P=before)\[@\](?P=after)",
        "Quarto prints the label of a section without a number",
    ),
    Known(
        "",
        "references",
        r"text “(?:Note|Tip|Warning|Important|Caution) (?P<number>[\d.]+)”, "
        r"target “(?P<target>#.+)” ≠ text “\w+ (?P=number)”, target “(?P=target)”",
        "Quarto says in English what kind of callout it refers to, whatever the language",
    ),
    Known(
        "html",
        "references",
        r"text “(?P<text>(?:Chapter|Appendix) .+)”, target “chapter .+” ≠ "
        r"text “(?P=text)”, target “chapter .+”",
        "Quarto leads to the head of the page where a chapter begins further down",
    ),
    Known(
        "epub",
        "matter",
        r"nothing ≠ name “(?:author|date)”, text “.+”",
        "Quarto’s EPUB says neither who wrote a chapter nor when",
    ),
    Known(
        "html",
        "matter",
        r"name “date”, text “[A-Z]\w+ (?P<day>\d+), (?P<year>\d+)” ≠ "
        r"name “date”, text “(?P=day) [A-Z]\w+ (?P=year)”",
        "our editions write every date in one way",
    ),
    Known(
        "",
        "text",
        r"within “pre”, text “(?P<error>.+)\n(?P=error)” ≠ within “pre”, text “(?P=error)”",
        "Quarto prints the name of an error twice where a notebook kept a short trace",
    ),
    Known(
        "",
        "citations",
        r"nothing ≠ keys .+",
        "Quarto loses a citation right after a cross-reference",
    ),
    Known(
        "",
        "text",
        r"(?P<before>.*)\[@\](?P<after>.*) ≠ (?P=before)\[@\] \[@\](?P=after)",
        "Quarto loses a citation right after a cross-reference",
    ),
    Known(
        "html",
        "bibliography",
        r"(?P<start>.+https?://[^%\s]+)%\S* ≠ (?P=start)….*",
        "our site shortens an address with percent signs; its link is whole",
    ),
    Known(
        "epub",
        "bibliography",
        r"nothing ≠ key .+",
        "our EPUB also lists the sources of the plotted data at its back",
    ),
    Known(
        "epub",
        "tables",
        r"rows “(?P<rows>.+)” ≠ rows “.+ / (?P=rows)”",
        "Quarto’s EPUB loses cells that a library writes outside of any row",
    ),
    Known(
        "",
        "callouts",
        r"kind “(?P<kind>\w+)” ≠ kind “(?P=kind)”, title “.+”",
        "ours always says in words what kind of callout it is; colour alone tells some nothing",
    ),
    Known(
        "",
        "figures",
        r"(?P<figure>.*caption “(?P<words>.+)”) ≠ (?P=figure), alt “(?P=words)”",
        "ours takes the caption as the alt text of a picture that has none",
    ),
    Known(
        "",
        "images",
        r"(?:one without words|(?P<width>width “.+”)) ≠ alt “.+?”(?:, (?P=width))?",
        "ours takes the caption as the alt text of a picture that has none",
    ),
    Known(
        "",
        "figures",
        r"id “(?P<id>fig-.+)”, (?P<figure>label .+) ≠ id “(?P=id)-\d+”, (?P=figure)",
        "Quarto gives all figures of one cell one id, so that only one of them can be referred to",
    ),
    Known(
        "",
        "figures",
        r"(?P<id>id “.+”, label “.+”), (?P<alt>alt .+) ≠ (?P=id), caption “.+”, (?P=alt)",
        "under one caption for several pictures of a cell, Quarto writes it below the first alone",
    ),
    Known(
        "",
        "figures",
        r"(?P<id>id “.+-1”), caption “\(a\) .+”, (?P<alt>alt .+) ≠ "
        r"(?P=id), caption “\(a\)”, (?P=alt)",
        "ours writes the caption of several pictures of a cell below all of them",
    ),
    Known(
        "epub",
        "code",
        r"number “(?P<number>\d+)”, shown “(?:un)?folded”, line “(?P<line>.*)” ≠ "
        r"number “(?P=number)”, shown “shown”, line “(?P=line)”",
        "not every e-reader can unfold, so nothing is folded in our EPUB",
    ),
    Known(
        "",
        "text",
        r"nothing ≠ text “Here a script draws, which no edition runs\.”",
        "no edition of ours runs the script of an output, and it says so where it would draw",
    ),
    Known(
        "",
        "text",
        r"nothing ≠ within “pre”, text “\w+\(.*\)”",
        "Quarto leaves out a widget whose state no notebook kept; ours stands as its text",
    ),
    Known(
        "html",
        "downloads",
        r"nothing ≠ name “.+”",
        "our site offers every edition that it has without being asked",
    ),
    Known(
        "",
        "text",
        r".+ ≠ .*\{\{< .*",
        "Quarto resolves shortcodes in code, too; ours leaves code as it was written",
    ),
)
