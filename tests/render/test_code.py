"""Blocks of code: names of files, numbers of lines, folding, annotations, other languages."""

from __future__ import annotations

import pytest

from tests.books import TinyBook, code, markdown
from tests.render.formats import Editions

ANNOTATED = """
```{.python filename="sum.py"}
total = 0  # <1>
print(total)  # <2>
```

1. The *start*.
2. The end.
"""


def test_name_of_a_file_and_annotations(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), markdown(ANNOTATED))
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        assert tree.cssselect(".code-filename")[0].text_content().strip() == "sum.py"
        (division,) = tree.cssselect(".code-annotated")
        assert [item.text_content() for item in division.cssselect("ol li")] == [
            "The start.",
            "The end.",
        ]
        marked = division.cssselect("pre")[0].text_content()
        assert "total = 0  # (1)" in marked
        assert "<1>" not in marked
    assert "sum.py" in editions.pdf
    assert "# (2)" in editions.pdf
    assert "The end." in editions.pdf


def test_annotations_of_a_cell_stand_between_its_code_and_its_outputs(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("print('a' + 'b')  # <1>"), markdown("1. Says ab."))
    words, _, _ = Editions(tiny).said()
    assert "# (1) Says ab. ab" in words


def test_annotations_go_with_code_that_is_not_shown(tiny: TinyBook) -> None:
    cell = code("#| echo: false\nprint('a' + 'b')  # <1>")
    tiny.chapter("one", markdown("# One"), cell, markdown("1. Says ab."))
    for words in Editions(tiny).said():
        assert "Says ab" not in words


def test_list_after_code_without_annotations_stays_a_list(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n```python\na = 1\n```\n\n1. First\n2. Second"))
    assert tiny.build().exit_code == 0
    page = tiny.page("notebooks/one.html")
    assert "code-annotated" not in page
    assert "<li>First</li>" in page


@pytest.mark.parametrize("level", ["block", "cell", "format", "project"])
def test_numbers_of_lines(tiny: TinyBook, level: str) -> None:
    attribute = ' code-line-numbers="true"' if level == "block" else ""
    option = "#| code-line-numbers: true\n" if level == "cell" else ""
    tiny.chapter(
        "one",
        markdown(f"# One\n\n``` {{.python{attribute}}}\na = 1\nb = 2\n```"),
        code(option + "c = 3"),
    )
    if level == "format":
        tiny.config["format"] = {"html": {"code-line-numbers": True}, "typst": {}}
    if level == "project":
        tiny.config["code-line-numbers"] = True
    editions = Editions(tiny)
    seen = [
        bool(pre.cssselect(".number-lines")) for pre in editions.html.cssselect("div.sourceCode")
    ]
    assert seen == {"block": [True, False], "cell": [False, True]}.get(level, [True, True])
    assert ("1 a = 1" in editions.pdf) == (level in {"block", "project"})


def test_folding_of_a_block_of_markdown(tiny: TinyBook) -> None:
    text = '``` {.python code-fold="show" code-summary="Look"}\na = 1\n```'
    tiny.chapter("one", markdown(f"# One\n\n{text}"))
    editions = Editions(tiny)
    (details,) = editions.html.cssselect("details[open]")
    assert details.cssselect("summary")[0].text_content() == "Look"
    assert not editions.epub.cssselect("details")
    assert "a = 1" in editions.pdf


def test_long_lines_wrap_when_asked(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("#| code-overflow: wrap\n1"))
    assert tiny.build().exit_code == 0
    assert "code-wrap" in tiny.page("notebooks/one.html")


def test_other_languages_are_highlighted(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown('# One\n\n```bash\necho "hi"\n```'))
    editions = Editions(tiny)
    assert editions.html.cssselect("code.bash .st")
    assert 'echo "hi"' in editions.pdf
