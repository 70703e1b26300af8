"""Korean text says that it is Korean, whoever wrote it and wherever it stands."""

from __future__ import annotations

import re
import zipfile

import pytest
from lxml import etree, html

from nkbook.render.language import mark_korean_text
from tests.books import TinyBook

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def unmarked(root: object) -> list[str]:
    """Texts with Hangul in no element of Korean; what no markup can hold is left out."""
    found = []
    for element in root.iter("{*}*"):  # type: ignore[attr-defined]
        if etree.QName(element).localname in {"title", "script", "code"}:
            continue
        for text, place in ((element.text, element), (element.tail, element.getparent())):
            if text and HANGUL.search(text) and place is not None:
                langs = place.xpath("ancestor-or-self::*[@lang][1]/@lang")
                if not langs[-1].startswith("ko"):
                    found.append(text)
    return found


@pytest.fixture
def korean(tiny: TinyBook) -> TinyBook:
    tiny.config["lang"] = "en-GB"
    tiny.config["book"] |= {
        "subtitle": "사람 means people",
        "description": "A book of 사람.",
        "chapters": ["index.qmd", {"part": "북한 now", "chapters": ["notebooks/one.qmd"]}],
    }
    tiny.write(
        "notebooks/one.qmd",
        "---\ndescription: About 꽃제비 children\n---\n\n# 북한 사람들\n\n## The 성분 file\n\n"
        "Word 사람 (“person”), then 조선말, 한국말; and a link [밖으로](#x), *강조*.[^1]\n\n"
        "[이미]{lang=ko-KP} said, `코드` is code.\n\n"
        "| 표 |\n|---|\n| 칸 |\n\n[^1]: A note: 주석.\n\n"
        "::: {#x}\n“인용 quoted”\n:::\n",
    )
    return tiny


def test_site_marks_korean(korean: TinyBook) -> None:
    assert korean.build().exit_code == 0
    for name in ("index.html", "notebooks/one.html"):
        page = korean.page(name)
        assert unmarked(html.fromstring(page)) == [], name
    # Words that belong together are one span, what an author marked is not marked again.
    assert '<span lang="ko">조선말, 한국말</span>;' in page
    assert 'then <span lang="ko">' in page
    assert '<span lang="ko-KP">이미</span>' in page
    assert "<code>코드</code>" in page
    assert '<h1><span lang="ko">북한 사람들</span></h1>' in page


def test_epub_marks_korean(korean: TinyBook) -> None:
    result = korean.build(("epub",))
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(korean.root / "_site" / "Tiny-book.epub") as archive:
        texts = [archive.read(name) for name in archive.namelist() if "/text/" in name]
    (chapter,) = (
        text for text in texts if "꽃제비".encode() not in text and "인용".encode() in text
    )
    body = etree.fromstring(chapter).find("{*}body")
    assert unmarked(body) == []


def test_book_in_korean_is_left_as_it_is(korean: TinyBook) -> None:
    korean.config["lang"] = "ko"
    assert korean.build().exit_code == 0
    assert '<span lang="ko">' not in korean.page("notebooks/one.html")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("ㅅ begins 사람, saram", "ㅅ| begins |사람|, saram"),
        ("1999년 봄", "1999|년 봄|"),
        ("A & <b>", "A &amp; &lt;b&gt;"),
        ("", ""),
    ],
)
def test_plain_text_is_marked_and_escaped(text: str, marked: str) -> None:
    found = mark_korean_text(text, "en")
    assert found.replace('<span lang="ko">', "|").replace("</span>", "|").lstrip("|") == marked
