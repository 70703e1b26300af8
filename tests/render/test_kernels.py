"""Forked kernels give what fresh ones give, share nothing, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from nkbook.errors import Findings
from nkbook.render import execution, kernels
from nkbook.render.document import load_documents
from nkbook.render.execution import Result, execute_documents
from nkbook.render.project import load_project
from tests.books import TinyBook, code, markdown

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels fork on Linux only")

_BUILD = """
from nkbook.cli import main
from nkbook.render import kernels
kernels._WARM["no_such_package"] = ("no_such_package",)
main()
"""
OUTPUTS = [
    "import sys\nprint('said')\nprint('shouted', file=sys.stderr)\n[1, 2]",
    "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2, 3])",
    "import numpy\nnumpy.arange(3)",
    "from IPython.display import Markdown, display\n"
    "shown = display(Markdown('*one*'), display_id=True)\nshown.update(Markdown('*two*'))",
    "#| error: true\n1 / 0",
    "!echo from a shell",
    "sorted(hash(name) for name in 'abc'), sys.argv[0].endswith('.py'), __name__",
]


def run(book: TinyBook, findings: Findings | None = None, **options: float) -> dict[str, Result]:
    """What the chapters of a book give, without a cache."""
    book.save()
    project = load_project(book.root)
    found = findings if findings is not None else Findings()
    results = execute_documents(
        load_documents(project, found),
        book.root,
        findings=found,
        jobs=2,
        fresh=True,
        done=lambda *_: None,
        **options,
    )
    if findings is None:
        found.raise_any()
    return results


def test_forked_kernels_give_what_fresh_ones_give(tiny: TinyBook, monkeypatch) -> None:
    for name in ("one", "two"):
        tiny.chapter(name, markdown(f"# {name}\n\n`{{python}} 6 * 7`"), *map(code, OUTPUTS))
    forked = run(tiny)
    monkeypatch.setattr(execution, "raised_nursery", lambda *_: nullcontext())
    assert forked == run(tiny)
    figures = [o for o in forked["notebooks/one.ipynb"].outputs[3] if "image/png" in o["data"]]
    assert len(figures) == 1


def test_chapters_share_nothing(tiny: TinyBook) -> None:
    leave = (
        "import builtins, os, random, numpy\nseen = getattr(builtins, 'mark', 0)\n"
        "seen += int('MARK' in os.environ)\nbuiltins.mark = 1\nos.environ['MARK'] = '1'\n"
        "print(seen)"
    )
    draw = "print(random.random(), numpy.random.rand())"
    for name in ("one", "two", "three"):
        tiny.chapter(name, markdown(f"# {name}"), code(leave), code(draw))
    results = [result for file, result in run(tiny).items() if file.startswith("notebooks/")]
    assert [result.outputs[2][0]["text"] for result in results] == ["0\n"] * 3
    drawn = {word for result in results for word in result.outputs[3][0]["text"].split()}
    assert len(drawn) == 6


def test_kernels_take_no_port_of_the_machine(tiny: TinyBook, tmp_path: Path, monkeypatch) -> None:
    """One that is free can be gone before it is taken. A folder may be too deep for sockets."""
    asked = (
        "from ipykernel.connect import get_connection_info as get\nget(unpack=True)['transport']"
    )
    tiny.chapter("one", markdown("# One"), code(asked))

    def transport() -> str:
        return run(tiny)["notebooks/one.ipynb"].outputs[2][0]["data"]["text/plain"]

    assert transport() == "'ipc'"
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert transport() == "'tcp'"


def test_a_kernel_that_ends_or_hangs_is_named_and_the_others_go_on(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("import os\nos._exit(0)"))
    tiny.chapter("two", markdown("# Two"), code("import time\ntime.sleep(60)"))
    tiny.chapter("three", markdown("# Three"), code("print('well')"))
    findings = Findings()
    results = run(tiny, findings, timeout=3)
    assert sorted((finding.code, finding.place) for finding in findings) == [
        ("NB402", "notebooks/two.ipynb, cell 2"),
        ("NB403", "notebooks/one.ipynb, cell 2"),
    ]
    assert results["notebooks/three.ipynb"].outputs[2][0]["text"] == "well\n"


def test_where_an_import_starts_a_thread_kernels_start_by_themselves(
    tiny: TinyBook, monkeypatch
) -> None:
    tiny.write("lib/threads_at_import.py", "import threading\nthreading.Timer(60, print).start()\n")
    monkeypatch.setenv("PYTHONPATH", str(tiny.root / "lib"))
    monkeypatch.setitem(kernels._WARM, "threads_at_import", ("threads_at_import",))
    with kernels.raised_nursery(["import threads_at_import"], os.environ) as nursery:
        assert nursery is None
    with kernels.raised_nursery(["import os"], os.environ) as nursery:
        assert nursery is not None


def test_a_package_that_is_missing_is_told_by_the_chapter_alone(
    tiny: TinyBook, monkeypatch
) -> None:
    monkeypatch.setitem(kernels._WARM, "no_such_package", ("no_such_package",))
    for name in ("one", "two"):
        tiny.chapter(name, markdown(f"# {name}"), code("#| error: true\nimport no_such_package"))
    tiny.save()
    build = [sys.executable, "-c", _BUILD, "--project", str(tiny.root), "build"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Debugger" not in done.stderr
    with kernels.raised_nursery(["import no_such_package"], os.environ) as nursery:
        assert nursery is not None


def test_kernels_end_with_a_build_that_is_killed(tiny: TinyBook) -> None:
    for name in ("one", "two"):
        wait = "open('started', 'a').close()\nimport time\ntime.sleep(600)"
        tiny.chapter(name, markdown(f"# {name}"), code(wait))
    tiny.save()
    build = subprocess.Popen(
        [sys.executable, "-m", "nkbook", "--project", str(tiny.root), "build"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: (tiny.root / "notebooks" / "started").exists())
    assert kernels_in(tiny.root / "notebooks")
    build.send_signal(signal.SIGKILL)
    build.wait()
    until(lambda: not kernels_in(tiny.root / "notebooks"))


def until(holds) -> None:
    """Wait until something holds, for a minute at most."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to hold")


def kernels_in(folder: Path) -> list[str]:
    """The processes that run in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if process.readlink() == folder:
                found.append(process.parent.name)
        except OSError:
            continue
    return found
