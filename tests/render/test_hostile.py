"""What a stranger's pull request may hold: each is refused with its place, and nothing gets out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nkbook.render.active import find_active, find_active_svg, find_remote
from nkbook.render.yaml_text import YamlError, read_yaml
from tests.books import FIGURE, TinyBook, code, markdown
from tests.render.test_faults import refused

SECRET = "words of a file that is none of the book's"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'

ACTIVE_HTML = {
    "a handler": '<p onclick="x()">Words</p>',
    "a handler without a space": "<svg/onload=alert(1)>",
    "a handler in another line": "<img src=x\nonerror = alert(1)>",
    "a handler with a name that nobody knows": "<p onfuture=x()>Words</p>",
    "a handler behind a quoted bracket": """<a title=">" onfocus='x()'>x</a>""",
    "a script address": '<a href="javascript:alert(1)">x</a>',
    "a script address in pieces": '<a href="java&#10;script&colon;alert(1)">x</a>',
    "a script address with blanks": '<a href=" \x01 JaVaScRiPt:alert(1)">x</a>',
    "another language's": '<a href="vbscript:x">x</a>',
    "a page as an address": '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    "a page in an attribute": "<iframe srcdoc='<b>x</b>'></iframe>",
    "an object": '<object data="x.swf"></object>',
    "an embedded file": '<embed src="x.svg">',
    "a base": '<base href="https://example.org/">',
    "a refresh": '<meta http-equiv="refresh" content="0; url=https://example.org/">',
    "a style sheet": '<link rel="stylesheet" href="https://example.org/x.css">',
    "an import": "<style>@import 'https://example.org/x.css';</style>",
    "a background": '<p style="background: url(https://example.org/x.png)">x</p>',
    "a form": '<form action="https://example.org/"><button>Go</button></form>',
    "a button that sends": '<button formaction="https://example.org/">Go</button>',
    "a comment that swallows the page": "<!-- once upon a time",
    "a tag that swallows the page": "<img src=x alt='",
}
HARMLESS = (
    '<p class="only once">once = 1, and only = 2; on =3; javascript is a language</p>',
    "<!-- a comment --><br/><details open><summary>More</summary></details>",
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="x">',
    '<a href="https://example.org/?onward=1">x</a> <b style="color: red">y</b>',
)

REMOTE_HTML = (
    "<img src='https://example.org/x.png'>",
    "<img title='>' src = //example.org/x.png>",
    "<p>x</p><iframe src='https://example.org/'></iframe>",
    "<img srcset='x.png 1x, https://example.org/x.png 2x'>",
    "<video poster=https://example.org/x.png></video>",
    "<video><source src='https://example.org/x.mp4'></video>",
    "<audio src=https://example.org/x.mp3></audio>",
    "<table background='https://example.org/x.png'></table>",
    "<input type=image src=https://example.org/x.png>",
    "<svg><image xlink:href='https://example.org/x.png'/></svg>",
    "<img src='&#104;ttps://example.org/x.png'>",
    "<img src='ht\ntps://example.org/x.png'>",
)
"""What would tell another host who reads, inside of other HTML."""

ACTIVE_SVG = {
    "a script": SVG.format("<script>alert(1)</script>"),
    "a handler": SVG.replace("viewBox", 'onload="alert(1)" viewBox').format(""),
    "a script address": SVG.format('<a href="java\tscript:alert(1)"><path d=""/></a>'),
    "a page": SVG.format(
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'
    ),
    "another file": SVG.format('<use href="https://example.org/x.svg#a"/>'),
    "a file of the machine": SVG.format('<image href="file:///etc/passwd"/>'),
    "a style": SVG.format("<style>@import url(https://example.org/x.css)</style>"),
    "a style sheet": '<?xml-stylesheet href="https://example.org/x.css"?>' + SVG.format(""),
    "an entity": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("&amp;"),
    "entities in entities": '<!DOCTYPE svg [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + SVG.format(""),
    "nonsense": "<svg",
}


@pytest.mark.parametrize("markup", ACTIVE_HTML.values(), ids=ACTIVE_HTML)
def test_html_that_does_something_is_found(markup: str) -> None:
    assert list(find_active(markup))


@pytest.mark.parametrize("markup", REMOTE_HTML)
def test_html_that_loads_from_another_host_is_found(markup: str) -> None:
    (address,) = find_remote(markup)
    assert "example.org" in address


@pytest.mark.parametrize("markup", HARMLESS)
def test_html_that_shows_something_is_not(markup: str) -> None:
    assert list(find_active(markup)) == []
    assert list(find_remote(markup)) == []


@pytest.mark.parametrize("drawing", ACTIVE_SVG.values(), ids=ACTIVE_SVG)
def test_drawings_that_do_something_are_found(drawing: str) -> None:
    assert list(find_active_svg(drawing.encode()))
    if "<?xml" not in drawing:
        utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{drawing}'.encode("utf-16")
        assert list(find_active_svg(utf16))


def test_drawings_that_show_something_are_not() -> None:
    shown = '<a href="https://example.org/"><path d="M0 0h9" style="fill: url(#g)"/></a>'
    assert list(find_active_svg(SVG.format(shown).encode())) == []
    for file in Path("figures").glob("*.svg"):
        assert list(find_active_svg(file.read_bytes())) == []


@pytest.mark.parametrize(
    ("text", "code_"),
    [
        ("```{=html}\n<p onclick='x()'>a</p>\n```", "NB608"),
        ("Words with <b onmouseover=x()>some</b> of them.", "NB608"),
        ("[Words]{onclick='x()'}", "NB608"),
        ("::: {.note srcdoc='<script>'}\nWords\n:::", "NB608"),
        ('[Words](https://example.org){ping="https://example.org"}', "NB608"),
        ("## Part {onfocus=x()}", "NB608"),
        ("![Words](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9IngoKSIvPg==)", "NB609"),
        ("![Words](https://example.org/x.png)", "NB607"),
        ("![Words](//example.org/x.png)", "NB605"),
        ("<img src='https://example.org/x.png' alt='Words'>", "NB607"),
        ("<iframe src='https://example.org/'></iframe>", "NB607"),
        ("[Words](javascript:alert)", "NB606"),
        ("[Words](data:text/html,x)", "NB606"),
        ("[Words](file:///etc/passwd)", "NB606"),
        ('```{=typst}\n#import "@preview/x:1.0.0": *\n```', "NB608"),
        ("![Words](out.svg)", "NB605"),
        ("![Words](/../out.svg)", "NB605"),
        ("![Words](..%2F..%2Fout.svg)", "NB605"),
        ("[Words](leads-out.txt)", "NB604"),
        ("{{< include leads-out.txt >}}", "NB303"),
    ],
)
def test_text_that_does_something_or_leads_out_is_refused(
    tiny: TinyBook, text: str, code_: str
) -> None:
    secret = tiny.root.parent / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    (tiny.root / "notebooks" / "leads-out.txt").symlink_to(secret)
    (tiny.root / "notebooks" / "out.svg").symlink_to(secret)
    tiny.chapter("one", markdown("# One"), markdown(text))
    output = refused(tiny, f"{code_}  notebooks/one.ipynb, cell 2", "Hint")
    assert SECRET not in output


@pytest.mark.parametrize("key", ["bibliography", "csl", "chapter", "cover", "favicon", "resource"])
def test_a_link_out_of_the_project_is_no_file_of_it(tiny: TinyBook, key: str) -> None:
    secret = tiny.root.parent / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    link = tiny.root / "notebooks" / "leads-out.txt"
    link.symlink_to(secret)
    name = "notebooks/leads-out.txt"
    tiny.chapter("one", markdown("# One"))
    if key == "chapter":
        (tiny.root / "notebooks" / "two.ipynb").symlink_to(secret)
        tiny.config["book"]["chapters"].append("notebooks/two.ipynb")
    elif key in {"cover", "favicon"}:
        tiny.config["book"][{"cover": "cover-image"}.get(key, key)] = name
    elif key == "resource":
        tiny.config["project"]["resources"] = ["notebooks/*.txt"]
        assert tiny.build(("html", "epub")).exit_code == 0
        assert not [file for file in (tiny.root / "_site").rglob("*") if file.name == link.name]
        return
    else:
        tiny.config[key] = name
    assert SECRET not in refused(tiny, "NB201" if key == "chapter" else "NB107")


def test_what_an_output_does_is_left_out_and_told(tiny: TinyBook) -> None:
    outputs = [
        "<scr<script>x</script>ipt>window.ran = 1</script><p>First words</p>",
        "<p onclick='x()'>Second words</p>",
        "<p>Third words</p>",
    ]
    cells = [
        code(f"#| echo: false\nfrom IPython.display import HTML\nHTML({markup!r})")
        for markup in outputs
    ]
    tiny.chapter("one", markdown("# One"), *cells)
    result = tiny.build(("html", "epub"))
    assert result.exit_code == 0, result.output
    page = tiny.page("notebooks/one.html")
    assert "Third words" in page
    assert "Second words" not in page
    assert "window.ran" not in page.split("<main")[1]
    assert "NB305  notebooks/one.ipynb, cell 3: the HTML of an output is left out" in result.output


def test_drawings_of_cells_and_attachments_are_looked_at_too(tiny: TinyBook) -> None:
    drawing = ACTIVE_SVG["a handler"]
    tiny.bibliography()
    tiny.chapter(
        "one",
        markdown("# One"),
        code(f"from IPython.display import SVG\nSVG({drawing!r})"),
        code(FIGURE.replace("<path", "<script/><path")),
    )
    cell: Any = markdown("![Words](attachment:x.svg)")
    cell["attachments"] = {"x.svg": {"image/svg+xml": [drawing]}}
    tiny.chapter("two", markdown("# Two"), cell)
    refused(
        tiny,
        "NB609  notebooks/one.ipynb, cell 2",
        "NB609  notebooks/one.ipynb, cell 3",
        "NB609  notebooks/two.ipynb, cell 2",
    )


def test_what_readers_open_in_a_spreadsheet_holds_no_formula(tiny: TinyBook) -> None:
    tiny.bibliography()
    figure = FIGURE.replace("[[1]]", "[['=HYPERLINK(1)'], ['-5'], ['+1+cmd|x']]")
    tiny.chapter("one", markdown("# One"), code(figure))
    output = refused(tiny, "NB217", "cell 2 (fig-line)", "=HYPERLINK(1)", "+1+cmd|x")
    assert "-5" not in output


def test_code_that_hides_its_order_is_refused(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("print('\u202e 1')"))
    refused(tiny, "NB216  notebooks/one.ipynb, cell 2", "U+202E")


@pytest.mark.parametrize("id", ["sec-\u043ene", "sec-\uff4fne", "sec-s\u0455n"])
def test_an_id_that_looks_like_another_is_refused(tiny: TinyBook, id: str) -> None:
    tiny.chapter("one", markdown("# One"), markdown(f"## Two {{#{id}}}"))
    refused(tiny, "NB610  notebooks/one.ipynb, cell 2", "only looks Latin (U+")


def test_an_id_in_another_script_is_what_it_seems(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One {#sec-глава}\n\n## Two {#sec-장}\n\n@sec-глава, @sec-장"))
    assert tiny.build().exit_code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}", "too deep"),
        ('{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "\\ud800"}]}', "half"),
        ('{"nbformat": 4, "cells": [{"cell_type": "markdown"', "not a Jupyter notebook"),
        ('{"nbformat": 4, "cells": [' + " " * 100_000_001 + "]}", "larger than 100 MB"),
        ('{"nbformat": ' + "9" * 5000 + ', "cells": []}', "digits"),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": '
            '[{"output_type": "stream", "text": 5}]}]}',
            "malformed",
        ),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": '
            '[{"output_type": "display_data", "data": ["text/plain"]}]}]}',
            "malformed",
        ),
    ],
    ids=["deep", "surrogate", "truncated", "huge", "digits", "text", "data"],
)
def test_notebooks_that_no_jupyter_wrote(tiny: TinyBook, text: str, says: str) -> None:
    tiny.chapter("one", markdown("# One")).write_text(text)
    refused(tiny, "NB202  notebooks/one.ipynb", says)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
YAML = {
    "aliases of aliases": (BOMB, "unfolds"),
    "a value in itself": ("a: &a [*a]", "lies in what it names"),
    "depth": ("[" * 10_000, "times"),
    "depth of a list": ("- " * 10_000 + "x", "times"),
    "an object": ("!!python/object/apply:os.system ['true']", "constructor"),
    "a month": ("date: 2024-13-45", "month"),
    "a tag alone": ("!!int ", "cannot be read"),
    "a tag of another value": ("!!bool x", "cannot be read"),
    "a tag of no date": ("!!timestamp x", "cannot be read"),
    "digits": ("n: 0x" + "f" * 50_000 + "\nm: " + "9" * 5000, "digits"),
    "a control": ("a: \x07", "characters"),
    "half a character": ("a: '\ud800'", "surrogates"),
    "a list as a name": ("? [a]\n: b", "unhashable"),
}


@pytest.mark.parametrize(("text", "says"), YAML.values(), ids=YAML)
def test_yaml_is_plain_values_or_refused(text: str, says: str) -> None:
    with pytest.raises(YamlError, match=says):
        read_yaml(text)


def test_yaml_with_a_few_aliases_is_fine() -> None:
    assert read_yaml("a: &a {x: 1}\nb: *a\nc:\n  <<: *a\n  y: 2") == {
        "a": {"x": 1},
        "b": {"x": 1},
        "c": {"x": 1, "y": 2},
    }


@pytest.mark.parametrize("place", ["_quarto.yml", "_variables.yml", "front", "cell"])
def test_a_yaml_bomb_is_refused_wherever_it_stands(tiny: TinyBook, place: str) -> None:
    front = nbformat.v4.new_raw_cell(f"---\n{BOMB}---") if place == "front" else markdown("# One")
    options = "".join(f"#| {line}\n" for line in BOMB.splitlines()) if place == "cell" else ""
    tiny.chapter("one", front, code(f"{options}1"))
    tiny.save()
    if place.startswith("_"):
        before = (tiny.root / place).read_text() if (tiny.root / place).is_file() else ""
        (tiny.root / place).write_text(before + BOMB)
    result = tiny.run("build", "--engine", "portable")
    assert result.exit_code == 1, result.output
    assert "unfolds into more than" in result.output


@pytest.mark.parametrize("footer", ["<b onclick=x()>x</b>", "[x](javascript:alert)"])
def test_settings_of_the_book_are_read_like_its_text(tiny: TinyBook, footer: str) -> None:
    tiny.config["book"]["page-footer"] = footer
    tiny.chapter("one", markdown("# One"))
    refused(tiny, "_quarto.yml")


@pytest.mark.parametrize("key", ["cover-image", "favicon"])
def test_drawings_of_the_book_itself_are_looked_at_too(tiny: TinyBook, key: str) -> None:
    tiny.write("mark.svg", ACTIVE_SVG["a script"])
    tiny.config["book"][key] = "mark.svg"
    tiny.chapter("one", markdown("# One"))
    refused(tiny, f"NB609  _quarto.yml, book.{key}")


def test_an_address_that_runs_is_refused_among_the_settings(tiny: TinyBook) -> None:
    tiny.config["book"]["repo-url"] = "javascript:alert(1)"
    tiny.config["book"]["repo-actions"] = ["edit"]
    tiny.chapter("one", markdown("# One"))
    refused(tiny, "NB606  _quarto.yml, line")


def test_lenient_builds_leave_it_out(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n<p onclick='x()'>Words</p>\n\nMore [words]{onclick=y}."))
    tiny.save()
    result = tiny.run("build", "--engine", "portable", "--lenient")
    assert result.exit_code == 0, result.output
    page = tiny.page("notebooks/one.html")
    assert "onclick" not in page
    assert "Words" in page
    assert "NB608" in result.output
    assert json.dumps("onclick") not in page
