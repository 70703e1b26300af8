"""Every fault stops the build with one message a person can act on, and loses nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.books import FIGURE, TinyBook, code, markdown


def refused(book: TinyBook, *expected: str) -> str:
    """Build, and require a refusal that names all of `expected` and shows no traceback."""
    (book.root / "_site").mkdir(exist_ok=True)
    (book.root / "_site" / "index.html").write_text("last good edition")
    result = book.build()
    assert isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == 1, result.output
    for text in expected:
        assert text in result.output
    assert (book.root / "_site" / "index.html").read_text() == "last good edition"
    assert not list(book.root.glob("._site.new*"))
    return result.output


def test_cell_that_raises(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("x = 1\nprint(x / 0)"))
    refused(tiny, "NB401", "notebooks/one.ipynb, cell 2", "ZeroDivisionError", "print(x / 0)")


def test_cell_that_never_ends(tiny: TinyBook) -> None:
    tiny.config["execute"]["timeout"] = 1
    tiny.chapter("one", markdown("# One"), code("import time\ntime.sleep(60)"))
    refused(tiny, "NB402", "cell 2", "longer than 1 second", "Hint")


def test_cell_that_prints_without_end(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("while True:\n    print('x' * 10_000)"))
    tiny.chapter("two", markdown("# Two"), code("1 / 0"))
    output = refused(tiny, "NB407", "notebooks/one.ipynb, cell 2", "more than 50 MB", "Hint")
    assert "NB401  notebooks/two.ipynb" in output


def test_cell_that_kills_its_kernel(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("import os\nos._exit(3)"))
    refused(tiny, "NB403", "notebooks/one.ipynb, cell 2", "ended its kernel")


def test_kernel_that_does_not_start(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write("broken/ipykernel_launcher.py", "raise SystemExit('no memory')\n")
    monkeypatch.setenv("PYTHONPATH", str(tiny.root / "broken"))
    tiny.chapter("one", markdown("# One"), code("1"))
    refused(tiny, "NB404", "notebooks/one.ipynb, cell 2", "did not start", "Hint")


def test_folder_that_cannot_be_written(tiny: TinyBook) -> None:
    tiny.write("figures", "a file where the build keeps a folder\n")
    tiny.chapter("one", markdown("# One"), code(FIGURE))
    tiny.bibliography()
    refused(tiny, "NB803", "figures")


def test_missing_chapter(tiny: TinyBook) -> None:
    tiny.chapter("crossing", markdown("# One"))
    tiny.config["book"]["chapters"] = ["index.qmd", "notebooks/crosing.ipynb"]
    refused(tiny, "NB106", "_quarto.yml, line", "Did you mean “notebooks/crossing.ipynb”?")


def test_chapter_outside_the_project(tiny: TinyBook) -> None:
    tiny.config["book"]["chapters"].append("../secret.md")
    refused(tiny, "NB106", "outside the project")


@pytest.mark.parametrize("folder", [".", "notebooks", "figures", "..", "../other"])
def test_output_folder_that_is_not_the_books_own(tiny: TinyBook, folder: str) -> None:
    """A build replaces its output folder: it must never be one that holds anything else."""
    tiny.chapter("one", markdown("# One"))
    tiny.config["project"]["output-dir"] = folder
    refused(tiny, "NB108", "output-dir", "every build replaces it")
    assert (tiny.root / "notebooks" / "one.ipynb").is_file()


@pytest.mark.parametrize("reference", ["@fig-lin", "[@fig-lin]", "@sec-nowhere"])
def test_unknown_cross_reference(tiny: TinyBook, reference: str) -> None:
    tiny.chapter("one", markdown("# One"), code(FIGURE), markdown(f"See {reference}."))
    refused(tiny, "NB602", "notebooks/one.ipynb, cell 3", "unknown cross-reference")


def test_unknown_cross_reference_names_the_nearest(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code(FIGURE), markdown("See @fig-lin."))
    refused(tiny, "Did you mean “fig-line”?")


def test_unknown_citation(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# One"), markdown("So it is said [@kin]."))
    refused(tiny, "NB603", "cell 2", "“@kin”", "Did you mean “kim”?")


def test_unknown_variable(tiny: TinyBook) -> None:
    tiny.write("_variables.yml", "stat:\n  arrivals: '12'\n")
    tiny.chapter("one", markdown("# One"), markdown("There were {{< var stat.arivals >}}."))
    refused(tiny, "NB302", "cell 2", "stat.arivals", "Did you mean “stat.arrivals”?")


def test_unknown_shortcode(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< vr x >}}"))
    refused(tiny, "NB301", "cell 1", "Did you mean “var”?")


def test_missing_include(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< include part.md >}}"))
    refused(tiny, "NB303", "part.md")


def test_include_that_climbs_out(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< include ../../secret.md >}}"))
    refused(tiny, "NB303", "outside the project")


@pytest.mark.parametrize(
    ("line", "code_", "word"),
    [
        ('#| fig-cap: "A line that rises."\n', "NB206", "caption"),
        ('#| fig-alt: "One line from lower left to upper right."\n', "NB209", "alt text"),
        ('"unit": "people", ', "NB210", "no unit"),
        ('"sources": ["kim"], ', "NB210", "no sources"),
    ],
)
def test_incomplete_figure(tiny: TinyBook, line: str, code_: str, word: str) -> None:
    assert line in FIGURE
    tiny.chapter("one", markdown("# One"), code(FIGURE.replace(line, "")))
    refused(tiny, code_, "cell 2 (fig-line)", word, "Hint")


def test_misspelt_cell_option(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code(FIGURE.replace("fig-cap", "fig-cpa")))
    refused(tiny, "NB205", "fig-cpa", "Did you mean “fig-cap”?")


def test_unknown_key_in_the_project_file(tiny: TinyBook) -> None:
    tiny.config["book"]["chapter"] = []
    tiny.config["format"]["html"]["code-flod"] = True
    refused(tiny, "NB103", "book.chapter", "Did you mean “chapters”?", "code-flod", "“code-fold”")


def test_project_file_that_is_not_yaml(tiny: TinyBook) -> None:
    tiny.save()
    (tiny.root / "_quarto.yml").write_text("book:\n  title: [oops\n")
    result = tiny.run("build")
    assert result.exit_code == 1
    assert "NB102  _quarto.yml, line" in result.output


@pytest.mark.parametrize(
    ("keys", "value", "code_"),
    [
        ("book.chapters", "index.qmd", "NB105"),
        ("book.appendices", 5, "NB105"),
        ("book.chapters", [{"part": "One", "chapters": "index.qmd"}], "NB105"),
        ("book.chapters", [{"part": "/part.qmd", "chapters": []}], "NB106"),
        ("book.chapters", [], "NB106"),
        ("execute", True, "NB105"),
        ("format", ["html"], "NB105"),
        ("format.html", {"execute": 3}, "NB105"),
        ("execute.timeout", "soon", "NB109"),
        ("format.html", {"toc-depth": "deep"}, "NB109"),
        ("project.pre-render", "echo 'x", "NB110"),
        ("project.resources", "../secret.txt", "NB107"),
        ("project.resources", "/etc/hostname", "NB107"),
        ("book.site-url", "example.org/book", "NB111"),
        ("book.site-url", "ftp://example.org/", "NB111"),
        ("book.site-url", "https://", "NB111"),
        ("book.site-url", "https://example.org/?book", "NB111"),
        ("book.site-url", "https://[broken/", "NB111"),
    ],
)
def test_wrong_kind_of_value_in_the_project_file(
    tiny: TinyBook, keys: str, value: object, code_: str
) -> None:
    *sections, last = keys.split(".")
    section = tiny.config
    for name in sections:
        section = section[name]
    section[last] = value
    refused(tiny, code_, "_quarto.yml")


def test_values_that_are_not_yaml(tiny: TinyBook) -> None:
    tiny.write("_variables.yml", "a: 1\nb: [\n")
    refused(tiny, "NB102", "_variables.yml, line 3")


def test_variable_that_is_a_group(tiny: TinyBook) -> None:
    tiny.write("_variables.yml", "stat:\n  arrivals: '12'\n")
    tiny.chapter("one", markdown("# One"), markdown("There were {{< var stat >}}."))
    refused(tiny, "NB302", "cell 2", "group of values", "stat.arrivals")


def test_include_that_is_not_utf8(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< include part.md >}}"))
    (tiny.root / "notebooks" / "part.md").write_bytes("Größe".encode("latin-1"))
    refused(tiny, "NB303", "part.md", "UTF-8")


def test_include_that_includes_itself(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< include part.md >}}"))
    tiny.write("notebooks/part.md", "{{< include part.md >}}\n")
    refused(tiny, "NB303", "part.md", "never ends")


def test_bibliography_that_is_not_utf8(tiny: TinyBook) -> None:
    tiny.bibliography()
    (tiny.root / "sources.bib").write_bytes("@book{kim, title={Größe}}".encode("latin-1"))
    refused(tiny, "NB107", "sources.bib", "UTF-8")


def test_date_that_is_not_a_number(tiny: TinyBook, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    tiny.chapter("one", markdown("# One"), code("1"))
    refused(tiny, "NB002", "SOURCE_DATE_EPOCH", "yesterday")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"nbformat": 3, "cells": []}',
        "[]",
        '{"nbformat": 4}',
        '{"nbformat": 4, "cells": null}',
        '{"nbformat": 4, "cells": ["text"]}',
        '{"nbformat": 4, "cells": [{"source": "text"}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": null}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1", "outputs": null}]}',
    ],
)
def test_broken_notebook_file(tiny: TinyBook, text: str) -> None:
    tiny.chapter("one", markdown("# One")).write_text(text)
    refused(tiny, "NB202", "notebooks/one.ipynb")


def test_chapter_that_is_not_utf8(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"))
    (tiny.root / "index.qmd").write_bytes("# Größe".encode("latin-1"))
    refused(tiny, "NB201", "index.qmd", "UTF-8")


@pytest.mark.parametrize(
    ("text", "code_"),
    [
        ("[x](two.ipynb)", "NB604"),
        ("[x](#nothing)", "NB604"),
        ("[x](index.qmd#nothing)", "NB604"),
        ("[x](javascript:alert)", "NB606"),
        ("![x](missing.png)", "NB605"),
        ("![x](file:///etc/hostname)", "NB605"),
        ("![x](../../../etc/hostname)", "NB605"),
    ],
)
def test_link_or_image_to_nowhere(tiny: TinyBook, text: str, code_: str) -> None:
    tiny.chapter("one", markdown("# One"), markdown(text))
    refused(tiny, code_, "notebooks/one.ipynb, cell 2")


def test_id_used_twice(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One {#sec-x}"))
    tiny.chapter("two", markdown("# Two {#sec-x}"))
    refused(tiny, "NB601", "sec-x", "notebooks/two.ipynb")


def test_failing_pre_render(tiny: TinyBook) -> None:
    tiny.write("prepare.py", "raise SystemExit('no data today')\n")
    tiny.config["project"]["pre-render"] = "prepare.py"
    refused(tiny, "NB110", "no data today")


def test_what_follows_from_a_fault_is_not_reported(tiny: TinyBook) -> None:
    """A figure that was not drawn because its chapter failed is no fault of its own."""
    tiny.chapter("one", markdown("# One"), code("1 / 0"), code(FIGURE), markdown("See @fig-line."))
    assert "1 finding." in refused(tiny, "NB401", "ZeroDivisionError")


def test_markdown_that_pandoc_refuses_is_reported_with_the_rest(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n::: {.x}\nopen"))
    tiny.chapter("two", markdown("# Two"), code("1 / 0"))
    refused(tiny, "NB501", "notebooks/one.ipynb", "unclosed", "NB401", "notebooks/two.ipynb")


def test_several_faults_are_reported_together(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\n{{< var a.b >}} and @sec-no"), code("raise ValueError"))
    tiny.chapter("two", markdown("# Two"), code("1 / 0"), markdown("[x](gone.ipynb)"))
    output = refused(tiny, "NB302", "NB602", "NB401", "ValueError", "ZeroDivisionError", "NB604")
    assert "5 findings" in output


def test_no_project_here(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nkbook", "build"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "no _quarto.yml here" in done.stderr


def start_build(tiny: TinyBook) -> subprocess.Popen[str]:
    """Start a build in a process of its own, which can be interrupted."""
    tiny.save()
    return subprocess.Popen(
        [sys.executable, "-m", "nkbook", "build", "--engine", "portable", "--jobs", "2"],
        cwd=tiny.root,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has them ignore Ctrl-C, and this build with them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_build_interrupted_in_the_first_moment_of_a_cell(tiny: TinyBook) -> None:
    tiny.chapter(
        "one",
        markdown("# One"),
        code("import os, signal, time\nos.kill(os.getppid(), signal.SIGINT)\ntime.sleep(60)"),
    )
    build = start_build(tiny)
    _, errors = build.communicate(timeout=30)
    assert build.returncode == 130
    assert "Interrupted." in errors


def test_interrupted_build_ends_its_kernels_and_says_so(tiny: TinyBook) -> None:
    wait = (
        "import os, pathlib, time\npathlib.Path({!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    kernels = [tiny.root.parent / name for name in ("one", "two")]
    for kernel in kernels:
        tiny.chapter(kernel.name, markdown("# X"), code(wait.format(str(kernel))))
    build = start_build(tiny)
    deadline = time.monotonic() + 60
    while not all(kernel.is_file() and kernel.read_text() for kernel in kernels):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    build.send_signal(signal.SIGINT)
    _, errors = build.communicate(timeout=30)
    assert build.returncode == 130
    assert "Interrupted." in errors
    assert "Traceback" not in errors
    for kernel in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(int(kernel.read_text()), 0)


def test_port_that_is_taken(tiny: TinyBook) -> None:
    tiny.save()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = tiny.run("serve", "--port", port)
    assert isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == 1
    assert f"NB802  port {port}" in result.output
    assert "--port 0" in result.output


def test_second_build_of_the_same_edition_waits_its_turn(tiny: TinyBook) -> None:
    from nkbook.render.edition import staged

    with staged(tiny.root / "_site"):
        result = tiny.build()
    assert result.exit_code == 1
    assert "another build" in result.output


def test_killed_build_leaves_the_last_edition_and_the_next_one_works(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"))
    assert tiny.build().exit_code == 0
    before = tiny.page("index.html")
    script = (
        "import os\nfrom pathlib import Path\nfrom nkbook.render.edition import staged\n"
        f"with staged(Path({str(tiny.root / '_site')!r})) as new:\n"
        "    (new / 'index.html').write_text('half')\n    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ})
    assert done.returncode == -9
    assert tiny.page("index.html") == before
    assert tiny.build().exit_code == 0
    assert not list(tiny.root.glob("._site.new*"))


def test_an_edition_takes_the_place_of_the_last_at_once(tmp_path) -> None:
    from nkbook.render.system import exchange

    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page").write_text(name)
    assert exchange(tmp_path / "new", tmp_path / "old") == (sys.platform == "linux")
    if sys.platform == "linux":
        assert (tmp_path / "old" / "page").read_text() == "new"
        assert (tmp_path / "new" / "page").read_text() == "old"
    assert not exchange(tmp_path / "new", tmp_path / "missing")


def test_quarto_engine_without_quarto_says_what_to_do(tiny: TinyBook, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    tiny.save()
    result = tiny.run("build", "--engine", "quarto")
    assert result.exit_code == 1
    assert "NB902" in result.output
    assert "conda-forge" in result.output


def test_corrupt_cache_entry_is_rebuilt(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("print('fine')"))
    assert tiny.build().exit_code == 0
    (entry,) = (tiny.root / "_cache" / "execution").glob("*/*")
    good = entry.read_bytes()
    entry.write_text("{")
    assert tiny.build().exit_code == 0
    assert len(entry.read_bytes()) > len(good) / 2
    assert "fine" in tiny.page("notebooks/one.html")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("```{mermaid}\ngraph TD\n```", "mermaid"),
        ("```{r}\n1 + 1\n```", "“r”"),
        ("::: {.panel-sidebar}\na\n:::", "side panels"),
        ('::: {.content-visible when-profile="a"}\na\n:::', "profiles"),
        ("::: {.callout-wraning}\na\n:::", "Did you mean “callout-warning”?"),
    ],
)
def test_unsupported_construct_is_named(tiny: TinyBook, text: str, named: str) -> None:
    tiny.chapter("one", markdown("# One"), markdown(text))
    refused(tiny, "NB304", "notebooks/one.ipynb, cell 2", named)
