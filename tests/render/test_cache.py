"""A chapter runs again when what it reads has changed, and only then; each build says why."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nkbook.errors import Findings
from nkbook.render import execution, store
from nkbook.render.cache import Cache, Entry
from nkbook.render.document import load_documents
from nkbook.render.execution import Result, execute_documents
from nkbook.render.now import Now
from nkbook.render.progress import reason_lines
from nkbook.render.project import load_project
from nkbook.render.reads import Files, Reads, find_difference
from tests.books import FIGURE, TinyBook, code, markdown
from tests.render.test_editions import digests

DATA = Path(__file__).parents[2] / "data"


class Runs:
    """Runs the chapters of a book, and tells which ran and why."""

    def __init__(self, book: TinyBook) -> None:
        self.book = book
        self.results: dict[str, Result] = {}
        self.remarks: list[str] = []
        self.faults: list[str] = []

    def __call__(self, **options: Any) -> dict[str, str]:
        self.book.save()
        findings = Findings()
        project = load_project(self.book.root)
        reasons: dict[str, str] = {}
        self.results = execute_documents(
            load_documents(project, findings),
            self.book.root,
            findings=findings,
            environment={"SOURCE_DATE_EPOCH": options.pop("epoch", "1700000000")},
            ignore=["_site"],
            done=lambda file, reason: reasons.update({Path(file).stem: reason}),
            **options,
        )
        self.faults = [str(finding) for finding in findings]
        self.remarks = [finding.code for finding in findings.remarks]
        return {name: reason for name, reason in reasons.items() if reason}

    def text(self, name: str, cell: int = 2) -> str:
        """What a cell printed."""
        return "".join(o["text"] for o in self.results[f"notebooks/{name}.ipynb"].outputs[cell])


@pytest.fixture
def runs(tiny: TinyBook) -> Runs:
    return Runs(tiny)


def chapter(book: TinyBook, name: str, *cells: str) -> None:
    """Write a chapter, anew if it is there."""
    files = book.config["book"]["chapters"]
    files[:] = [file for file in files if file != f"notebooks/{name}.ipynb"]
    book.chapter(name, markdown(f"# {name}"), *map(code, cells))


def test_each_chapter_depends_on_what_it_reads_alone(runs: Runs) -> None:
    book = runs.book
    book.write("data/read.csv", "1")
    book.write("notebooks/helper.py", "value = 1\n")
    read = "print(open('../data/{}').read())"
    chapter(book, "reads", read.format("read.csv"))
    chapter(
        book, "looks", f"try:\n    {read.format('late.csv')}\nexcept OSError:\n    print('none')"
    )
    chapter(book, "lists", "import os\nprint(sorted(os.listdir('../data')))")
    chapter(book, "asks", "from pathlib import Path\nprint(Path('../data/late.csv').exists())")
    chapter(book, "imports", "import helper\nprint(helper.value)")
    chapter(book, "seeks", "try:\n    import chances\nexcept ImportError:\n    print('none')")
    chapter(book, "starts", "!cat ../data/read.csv")
    chapter(book, "dates", "import os\nprint(os.environ['SOURCE_DATE_EPOCH'])")
    chapter(book, "plain", "print(1)")
    assert set(runs().values()) == {"never run before"}
    assert runs() == {}

    book.write("data/read.csv", "22")
    assert runs() == {
        "reads": "data/read.csv changed",
        "starts": "it starts other programs, and data/read.csv changed",
    }
    assert (runs.text("reads"), runs.text("starts").strip()) == ("22\n", "22")

    book.write("data/late.csv", "3")
    assert runs() == {
        "looks": "data/late.csv appeared",
        "lists": "other files in data",
        "asks": "it asks which files there are, and data/late.csv appeared",
        "starts": "it starts other programs, and data/late.csv appeared",
    }
    assert runs.text("asks") == "True\n"

    book.write("notebooks/helper.py", "value = 5\n")
    changed = "notebooks/helper.py changed"
    assert runs() == {"imports": changed, "starts": f"it starts other programs, and {changed}"}
    assert runs.text("imports") == "5\n"

    book.write("notebooks/chances.py", "print('found')\n")
    assert runs() == {
        "seeks": "other modules in notebooks: chances",
        "asks": "it asks which files there are, and notebooks/chances.py appeared",
        "starts": "it starts other programs, and notebooks/chances.py appeared",
    }
    assert runs.text("seeks") == "found\n"

    changed = "SOURCE_DATE_EPOCH changed"
    assert runs(epoch="1800000000") == {"dates": changed, "starts": changed}


def test_a_chapter_that_makes_a_file_runs_again_without_it(runs: Runs) -> None:
    write = "open('made.txt', 'w').write('x')"
    chapter(runs.book, "one", f"{write}\nprint(open('made.txt').read())\n{write}")
    runs()
    assert runs() == {}
    (runs.book.root / "notebooks" / "made.txt").unlink()
    assert runs() == {"one": "notebooks/made.txt is gone"}
    assert runs() == {}


def test_a_chapter_that_changes_what_it_reads_runs_each_time(runs: Runs) -> None:
    runs.book.write("notebooks/count.txt", "1")
    count = "n = int(open('count.txt').read())\nopen('count.txt', 'w').write(str(n + 1))\nprint(n)"
    chapter(runs.book, "one", count)
    runs()
    assert runs() == {"one": "notebooks/count.txt changed while it ran"}
    assert runs.text("one") == "2\n"


def test_a_database_is_a_file_that_is_read(runs: Runs) -> None:
    ask = (
        "import sqlite3\nwith sqlite3.connect('x.db') as db:\n"
        "    db.execute('CREATE TABLE IF NOT EXISTS t (n)')\n"
        "    print(list(db.execute('SELECT n FROM t')))"
    )
    chapter(runs.book, "one", ask)
    runs()
    assert runs() == {}
    write = (
        "import sqlite3\nwith sqlite3.connect('x.db') as db: db.execute('INSERT INTO t VALUES (7)')"
    )
    subprocess.run([sys.executable, "-c", write], cwd=runs.book.root / "notebooks", check=True)
    assert runs() == {"one": "notebooks/x.db changed"}
    assert runs.text("one") == "[(7,)]\n"


def test_prose_can_change_and_no_code_runs(runs: Runs) -> None:
    chapter(runs.book, "one", "print('a')", "x = 2", "print(x)")
    runs()
    cells = [markdown("# Other title"), markdown("A new paragraph."), code("print('a')")]
    runs.book.config["book"]["chapters"].pop()
    runs.book.chapter("one", *cells, code("x = 2"), markdown("More."), code("print(x)"))
    assert runs() == {}
    assert (runs.text("one", 3), runs.text("one", 6)) == ("a\n", "2\n")


def test_which_cell_changed_is_said(runs: Runs) -> None:
    chapter(runs.book, "one", "print(1)", "print(2)", "print(3)")
    runs()
    chapter(runs.book, "one", "print(1)", "print(4)", "print(3)")
    assert runs() == {"one": "cell 3 changed"}
    chapter(runs.book, "one", "print(1)", "print(3)")
    assert runs() == {"one": "cells moved or are gone"}


def test_another_version_of_a_package_is_told(runs: Runs, monkeypatch) -> None:
    chapter(runs.book, "one", "print(1)")
    installed = {**Now(runs.book.root).packages, "pandas": "2.3.1"}
    monkeypatch.setattr(Now, "packages", installed)
    runs()
    assert runs() == {}
    monkeypatch.setattr(Now, "packages", {**installed, "pandas": "2.3.2"})
    assert runs() == {"one": "pandas 2.3.1 → 2.3.2"}


def test_packages_are_those_that_are_installed() -> None:
    from importlib.metadata import distributions

    found = {one.replace("_", "-").lower() for one in Now(Path()).packages}
    assert {one.metadata["Name"].replace("_", "-").lower() for one in distributions()} <= found


def test_a_compiled_module_that_may_read_by_itself(runs: Runs) -> None:
    chapter(runs.book, "one", "import lxml.etree\nprint(1)")
    chapter(runs.book, "two", "import numpy, PIL.Image, matplotlib.figure\nprint(1)")
    runs()
    runs.book.write("data/new.csv", "1")
    assert runs() == {"one": "it uses lxml, and data/new.csv appeared"}


def test_compiled_modules_that_are_known_open_files_by_means_of_python(runs: Runs) -> None:
    setup = (
        "import numpy as np, shutil\nfrom PIL import Image\nfrom matplotlib import font_manager\n"
        "np.arange(4).tofile('a.bin')\nnp.save('a.npy', np.arange(4))\n"
        "np.savetxt('a.txt', np.arange(4))\n"
        "for kind in ('png', 'jpg', 'webp'):\n    Image.new('RGB', (4, 4)).save(f'a.{kind}')\n"
        "shutil.copy(font_manager.findfont('DejaVu Sans'), 'a.ttf')"
    )
    folder = runs.book.root / "notebooks"
    subprocess.run([sys.executable, "-c", setup], cwd=folder, check=True)
    made = {f"notebooks/{file.name}" for file in folder.glob("a.*")}
    read = (
        "import numpy as np\nfrom PIL import Image\nfrom matplotlib import image, ft2font\n"
        "np.fromfile('a.bin'), np.memmap('a.bin'), np.load('a.npy'), np.loadtxt('a.txt')\n"
        "for kind in ('jpg', 'webp'):\n    Image.open(f'a.{kind}').load()\n"
        "image.imread('a.png'), ft2font.FT2Font('a.ttf')\nNone"
    )
    chapter(runs.book, "one", read)
    runs()
    entry = Cache(runs.book.root / "_cache" / "execution").last("notebooks/one.ipynb")
    assert entry
    assert entry.reads.why == ""
    assert len(made) == 7
    assert made <= entry.reads.own.files.keys()


def test_kernels_that_start_by_themselves_tell_the_same(runs: Runs, monkeypatch) -> None:
    monkeypatch.setattr(execution, "raised_nursery", lambda *_: nullcontext())
    runs.book.write("notebooks/helper.py", "value = 1\n")
    chapter(runs.book, "one", "import helper\nprint(helper.value)")
    chapter(runs.book, "two", "print(1)")
    runs()
    runs.book.write("notebooks/helper.py", "value = 22\n")
    assert runs() == {"one": "notebooks/helper.py changed"}


NOT_TRACING = "--IPKernelApp.extra_extensions=no_such_extension"


SEEN = [
    "import sys\nprint(sorted(name for name in sys.modules if name.startswith('nkbook')))",
    "#| error: true\n1 / 0",
    "#| error: true\nopen('no such file')",
    "#| error: true\nimport os\nos.environ['NO_SUCH_NAME']",
    "#| error: true\nimport no_such_module",
    "print(len(In), type(os.environ), os.environ.get('IPYTHONDIR') is None)",
    "print(len(sys.meta_path), len(sys.path_hooks), sys.gettrace(), sys.getprofile())",
]


@pytest.mark.parametrize("is_forked", [True, False])
def test_nobody_sees_that_somebody_looks(runs: Runs, monkeypatch, is_forked: bool) -> None:
    if not is_forked:
        monkeypatch.setattr(execution, "raised_nursery", lambda *_: nullcontext())
    for name in ("one", "two"):
        chapter(runs.book, name, *SEEN)
    runs(fresh=True)
    assert runs.text("one") == "[]\n"
    seen = runs.results
    monkeypatch.setattr(execution, "_TRACING", NOT_TRACING)
    runs(fresh=True)
    for file in ("notebooks/one.ipynb", "notebooks/two.ipynb"):
        # Without its extension, a forked kernel still has the package of the process it is from.
        without = runs.results[file].outputs
        assert {k: v for k, v in seen[file].outputs.items() if k > 2} == {
            k: v for k, v in without.items() if k > 2
        }


def test_where_nothing_is_told_every_file_counts(runs: Runs, monkeypatch) -> None:
    monkeypatch.setattr(execution, "_TRACING", NOT_TRACING)
    chapter(runs.book, "one", "print(1)")
    runs()
    assert runs() == {}
    runs.book.write("data/new.csv", "1")
    told = "nothing tells what its kernel reads, and data/new.csv appeared"
    assert runs() == {"one": told}


# Records ----------------------------------------------------------------------------------------


@pytest.fixture
def informed(runs: Runs) -> Runs:
    """A book with the data of the real one, and a chapter for each way to ask for them."""
    shutil.copytree(DATA, runs.book.root / "data")
    say = "from nkbook.notebook import library, places, quote, series, statistic\n"
    chapter(runs.book, "number", say + "print(statistic('arrivals-2009').value)")
    chapter(runs.book, "linked", say + "statistic('arrivals-2009')")
    chapter(runs.book, "words", say + "print(quote('jeongyol-kim').testimony)")
    chapter(runs.book, "line", say + "print(series('refugee_arrivals_kor').values)")
    chapter(runs.book, "map", say + "print(len(places('capital')))")
    chapter(runs.book, "all", say + "print(len(library().statistics))")
    chapter(runs.book, "file", "print(len(open('../data/statistics.csv').read()))")
    chapter(runs.book, "none", "print(1)")
    assert set(runs().values()) == {"never run before"}
    assert runs() == {}
    return runs


def swap(runs: Runs, file: str, row: str, old: str, new: str) -> None:
    """Change a row of the data."""
    path = runs.book.root / "data" / file
    lines = path.read_text(encoding="utf-8").split("\n")
    (number,) = [n for n, line in enumerate(lines) if line.startswith(f"{row},")]
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def test_a_row_that_changed_runs_those_who_ask_for_it(informed: Runs) -> None:
    swap(informed, "statistics.csv", "arrivals-2009", "2914", "2915")
    asked = "arrivals-2009 in statistics changed"
    everybody = {"all": "statistics changed", "file": "data/statistics.csv changed"}
    assert informed() == {"number": asked, "linked": asked, **everybody}
    assert informed.text("number") == "2915.0\n"

    swap(informed, "testimonies.csv", "jeongyol-kim", "isolation", "change")
    assert informed() == {"words": "jeongyol-kim in testimonies changed"}

    file = "series/refugee_arrivals_kor.csv"
    path = informed.book.root / "data" / file
    path.write_text(path.read_text(encoding="utf-8").replace("2914", "2916"), encoding="utf-8")
    ran = informed()
    assert ran["line"] == "refugee_arrivals_kor in series changed"
    assert not {"words", "map", "file", "none"} & ran.keys()

    with (informed.book.root / "data" / "glossary.csv").open("a", encoding="utf-8") as stream:
        stream.write("newest,newest,,,newest,A term that no chapter asks for.\n")
    assert informed() == {}


def test_a_record_that_is_gone_or_faulty_is_told_by_its_chapter(informed: Runs) -> None:
    path = informed.book.root / "data" / "testimonies.csv"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.split("\n") if not line.startswith("jeongyol-kim,")]
    path.write_text("\n".join(kept), encoding="utf-8", newline="")
    assert informed() == {"words": "jeongyol-kim in testimonies changed"}
    assert "NF212" in informed.faults[0]
    path.write_text(text, encoding="utf-8", newline="")
    assert informed() == {}

    swap(informed, "statistics.csv", "arrivals-2009", "2914", "many")
    faulty = dict.fromkeys(("number", "linked", "words", "line", "map"), "data have faults")
    assert informed() == faulty | {
        "all": "data have faults",
        "file": "data/statistics.csv changed",
    }
    assert "ND" in informed.faults[0]


# Entries ----------------------------------------------------------------------------------------

READS = Reads(
    "p", {"a": "1"}, {}, Files({"x": "y"}, {}), ("os",), {"": ()}, {"t": {"i": "s"}}, Files()
)
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "1\n"}
ENTRY = Entry("one.qmd", ("c", "d"), ((OUTPUT,), "7"), READS, 1.5)


def stored(folder: Path) -> Path:
    Cache(folder).keep(ENTRY)
    (file,) = folder.glob("*/*")
    return file


def found(folder: Path) -> Entry | None:
    entry = Cache(folder).find("one.qmd", ("c", "d"))
    return entry and replace(
        entry, given=tuple(g if isinstance(g, str) else tuple(g) for g in entry.given)
    )


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    assert found(tmp_path / "none") is None
    stored(tmp_path)
    assert found(tmp_path) == ENTRY
    assert Cache(tmp_path).find("one.qmd", ("c",)) is None
    assert Cache(tmp_path).find("two.qmd", ("c", "d")) is None
    odd = replace(ENTRY, given=("\ud800 책",))
    Cache(tmp_path).keep(odd)
    assert found(tmp_path) == odd
    last = Cache(tmp_path).last("one.qmd")
    assert last
    assert last.seconds == 1.5


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.data())
def test_damaged_bytes_are_never_an_entry(tmp_path: Path, data: st.DataObject) -> None:
    file = stored(tmp_path)
    good = file.read_bytes()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    file.write_bytes(good[:start] + data.draw(st.binary(max_size=20)) + good[end:])
    assert found(tmp_path) in (None, ENTRY)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.data())
def test_other_types_are_never_an_entry(tmp_path: Path, data: st.DataObject) -> None:
    """Even where the sum is right, as in a file that another version wrote."""
    file = stored(tmp_path)
    content = json.loads(file.read_bytes().partition(b"\n")[2])
    holder, key = data.draw(st.sampled_from([*places_in(content)]))
    holder[key] = data.draw(anything)
    text = json.dumps(content).encode()
    file.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    if entry := found(tmp_path):
        now = Now(tmp_path)
        reads = replace(entry.reads, program=now.program, packages=now.packages)
        assert isinstance(find_difference(reads, now), str)


def places_in(content: Any) -> list[tuple[Any, Any]]:
    """Every place of a value in JSON."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    here = [(content, key, value) for key, value in pairs]
    return [(holder, key) for holder, key, _ in here] + [
        place for *_, value in here if isinstance(value, (dict, list)) for place in places_in(value)
    ]


def test_a_link_is_no_entry(tmp_path: Path) -> None:
    file = stored(tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path) is None
    Cache(tmp_path).keep(ENTRY)
    assert found(tmp_path) == ENTRY
    assert not file.is_symlink()


def test_the_cache_has_bounds(tmp_path: Path, monkeypatch) -> None:
    files = []
    for number in range(6):
        Cache(tmp_path).keep(replace(ENTRY, file=f"{number}.qmd"))
        (new,) = {*tmp_path.glob("*/*")} - {*files}
        files.append(new)
    for name, age in (("left.new", 7200), ("writing.new", 10)):
        (files[0].parent / name).touch()
        os.utime(files[0].parent / name, (time.time() - age,) * 2)
    used = Cache(tmp_path)
    assert used.find("0.qmd", ENTRY.code)
    for number, file in enumerate(files):
        os.utime(file, (number, number))
    monkeypatch.setattr(store, "_MOST_FILES", 5)
    used.trim()
    assert [file.exists() for file in files] == [True, False, False, True, True, True]
    assert [file.name for file in tmp_path.glob("*/*.new")] == ["writing.new"]
    monkeypatch.setattr(store, "_MOST_BYTES", 1)
    used.trim()
    assert [file.exists() for file in files] == [True] + [False] * 5


def test_two_builds_at_once(tiny: TinyBook) -> None:
    for name in ("one", "two"):
        chapter(tiny, name, f"import time\ntime.sleep(0.5)\nprint('{name}')")
    tiny.save()
    both = [subprocess.Popen([sys.executable, "-c", _RUN, str(tiny.root)]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    folder = tiny.root / "_cache" / "execution"
    assert len(list(folder.glob("*/*"))) == 2
    assert Runs(tiny)(epoch="0") == {}


_RUN = """
import sys
from pathlib import Path
from nkbook.errors import Findings
from nkbook.render.document import load_documents
from nkbook.render.execution import execute_documents
from nkbook.render.project import load_project
root, findings = Path(sys.argv[1]), Findings()
documents = load_documents(load_project(root), findings)
results = execute_documents(
    documents, root, findings=findings, environment={"SOURCE_DATE_EPOCH": "0"}, ignore=["_site"]
)
assert len(results) == 3 and not findings
"""


def test_a_cache_that_cannot_be_written_is_a_remark(runs: Runs) -> None:
    runs.book.write("_cache", "a file where the build keeps a folder\n")
    chapter(runs.book, "one", "print(1)")
    runs()
    assert runs.text("one") == "1\n"
    assert (runs.faults, runs.remarks) == ([], ["NB405"])


# Builds -----------------------------------------------------------------------------------------


def test_the_longest_begin_first(tiny: TinyBook) -> None:
    for name, seconds in (("short", 0), ("long", 1), ("medium", 0.5)):
        chapter(tiny, name, f"import time\ntime.sleep({seconds})")
    runs = Runs(tiny)
    runs()
    chapter(tiny, "unknown", "1")
    assert list(runs(fresh=True, jobs=1)) == ["unknown", "long", "medium", "short"]


def test_builds_agree_however_they_come_about(tiny: TinyBook, monkeypatch) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# One"), code(FIGURE))
    tiny.chapter("two", markdown("# Two\n\n`{python} 6 * 7`"), code("print(1)"))
    tiny.save()

    def made(*options: str) -> dict[str, str]:
        result = tiny.run("build", "--engine", "portable", *options)
        assert result.exit_code == 0, result.output
        return digests(tiny.root / "_site")

    cold = made()
    assert made() == cold
    assert made("--fresh", "--jobs", "1") == cold
    assert made("--jobs", "4", "--fresh", "two") == cold
    monkeypatch.setattr(execution, "raised_nursery", lambda *_: nullcontext())
    shutil.rmtree(tiny.root / "_cache")
    assert made() == cold


def test_a_build_says_why_chapters_ran(tiny: TinyBook) -> None:
    for name in ("one", "two"):
        chapter(tiny, name, "print(1)")
    assert "  notebooks/one.ipynb  ran: never run before\n" in tiny.build().output
    chapter(tiny, "two", "print(2)")
    output = tiny.build().output
    assert "  notebooks/two.ipynb  ran: cell 2 changed\n  1 of 2 chapters unchanged\n" in output
    assert "one.ipynb" not in output
    assert "chapters unchanged" not in tiny.run("--quiet", "build").output


def test_what_many_have_in_common_is_said_once() -> None:
    reasons = {f"{n}.qmd": "pandas 1 → 2" for n in range(5)}
    told = reason_lines(reasons | {"chapter.qmd": "cell 1 changed", "x.qmd": ""})
    assert list(told) == [
        "  5 chapters ran: pandas 1 → 2",
        "  chapter.qmd  ran: cell 1 changed",
        "  1 of 7 chapters unchanged",
    ]


def test_one_chapter_can_be_asked_for(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One {#sec-first}"), code("print(1)"))
    tiny.chapter("two", markdown("# Two"), code("print(1)"))
    tiny.build()
    build: Callable[..., str] = lambda *options: tiny.run("build", *options).output  # noqa: E731
    asked = "  notebooks/{}.ipynb  ran: asked for (--fresh)\n"
    for name in ("one", "one.ipynb", "notebooks/one.ipynb", "sec-first"):
        output = build("--fresh", name)
        assert asked.format("one") in output
        assert "1 of 2 chapters unchanged" in output
    both = build("--fresh", "one", "--fresh=two")
    for output in (both, build("--fresh"), build("--fresh", "--format", "html")):
        assert all(asked.format(name) in output for name in ("one", "two"))
    wrong = tiny.run("build", "--fresh", "sec-furst")
    assert wrong.exit_code == 1
    assert "NB215  sec-furst: no chapter has this name" in wrong.output
    assert "Did you mean “sec-first”?" in wrong.output
