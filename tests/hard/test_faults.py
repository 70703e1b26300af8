"""A machine fails at any moment: the last good edition is whole, and the next build succeeds."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from nkbook.render.proof import check_edition
from tests.books import FIGURE, TinyBook, code, markdown
from tests.hard.conftest import times
from tests.render.test_editions import digests

FORMATS = "html,epub,pdf"
BUILD = (sys.executable, "-m", "nkbook", "build", "--engine", "portable", "--format", FORMATS)
DATE = {"SOURCE_DATE_EPOCH": "1700000000"}

Count = Callable[[str, int], None]


class Fragile:
    """A tiny book with two editions: its author goes back and forth between two texts."""

    def __init__(self, root: Path) -> None:
        self.book = TinyBook(root)
        self.book.bibliography()
        for name in ("one", "two", "three"):
            figure = FIGURE.replace("fig-line", f"fig-{name}")
            work = "import time\ntime.sleep(0.3)\nprint(open('../value.txt').read())"
            text = markdown(f"# {name}\n\nSee @fig-{name}. [@kim]")
            self.book.chapter(name, text, code(figure), code(work))
        self.book.save()
        self.editions = [self._made(value) for value in ("first", "second")]
        self.seconds = self._took

    def _made(self, value: str) -> dict[str, str]:
        self.write(value)
        started = time.monotonic()
        done = self.build()
        self._took = time.monotonic() - started
        assert done.returncode == 0, done.stderr
        return digests(self.site)

    @property
    def site(self) -> Path:
        """Where its edition is."""
        return self.book.root / "_site"

    def write(self, value: str) -> None:
        """Change what every chapter reads."""
        self.book.write("value.txt", value)

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Build to the end."""
        return subprocess.run(
            [*BUILD, *options],
            cwd=self.book.root,
            env={**os.environ, **DATE},
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(self, *options: str) -> subprocess.Popen[str]:
        """Start a build."""
        return subprocess.Popen(
            [*BUILD, *options],
            cwd=self.book.root,
            env={**os.environ, **DATE},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def is_whole(self) -> bool:
        """Whether the edition that is there is one of the two, in every byte."""
        check_edition(self.site)
        return digests(self.site) in self.editions

    def processes(self) -> list[str]:
        """The command lines of processes that work in the book's folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                here = (process / "cwd").readlink()
                if here.is_relative_to(self.book.root):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def left_over(self) -> list[Path]:
        """What a build leaves only while it is at work."""
        return [*self.book.root.glob("._site.new*"), *self.book.root.glob("._site.old*")]


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Fragile:
    return Fragile(tmp_path_factory.mktemp("hard") / "a book 책")


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds, and fail where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.05)


@pytest.mark.parametrize("seed", range(times(3, 60)))
def test_killed_at_any_moment(fragile: Fragile, seed: int, survived: Count) -> None:
    chance = random.Random(seed)
    fragile.write(chance.choice(["first", "second"]))
    options = chance.choice([(), ("--fresh",)])
    build = fragile.begin(*options)
    time.sleep(chance.uniform(0, fragile.seconds * (2 if options else 1)))
    build.kill()
    build.communicate()
    assert fragile.is_whole()
    # Kernels and Typst end by themselves.
    wait_until(lambda: not fragile.processes())
    done = fragile.build()
    assert done.returncode == 0, done.stderr
    assert fragile.is_whole()
    assert fragile.left_over() == []
    survived("builds killed with SIGKILL at a random moment", 1)


@pytest.mark.parametrize("seed", range(times(2, 20)))
def test_interrupted_at_any_moment(fragile: Fragile, seed: int, survived: Count) -> None:
    chance = random.Random(1000 + seed)
    fragile.write(chance.choice(["first", "second"]))
    build = fragile.begin("--fresh")
    # Before Python listens, Ctrl-C ends it as any program.
    time.sleep(chance.uniform(1, max(1.5, fragile.seconds * 1.5)))
    build.send_signal(signal.SIGINT)
    _, errors = build.communicate(timeout=60)
    assert build.returncode in {0, 130}, errors
    assert "Traceback" not in errors
    assert fragile.is_whole()
    wait_until(lambda: not fragile.processes())
    assert fragile.build().returncode == 0
    assert fragile.left_over() == []
    survived("builds interrupted with Ctrl-C at a random moment", 1)


def test_two_at_once(fragile: Fragile, survived: Count) -> None:
    for _ in range(times(1, 10)):
        fragile.write("first")
        builds = [fragile.begin("--fresh") for _ in range(3)]
        errors = [build.communicate()[1] for build in builds]
        codes = [build.returncode for build in builds]
        assert 0 in codes, errors
        for status, said in zip(codes, errors, strict=True):
            assert status == 0 or "NB801" in said, said
        assert fragile.is_whole()
        assert fragile.left_over() == []
        survived("builds of one edition at the same time", 3)


@pytest.mark.parametrize("gone", ["chapter", "project", "edition", "cache"])
def test_what_vanishes_while_it_is_needed(tiny: TinyBook, gone: str, survived: Count) -> None:
    target = {
        "chapter": tiny.root / "notebooks" / "two.md",
        "project": tiny.root,
        "edition": tiny.root / "_site",
        "cache": tiny.root / "_cache",
    }[gone]
    tiny.write("notebooks/two.md", "# Two\n")
    remove = f"import subprocess\nsubprocess.run(['rm', '-rf', {str(target)!r}])"
    tiny.chapter("one", markdown("# One"), code(remove))
    tiny.config["book"]["chapters"].append("notebooks/two.md")
    tiny.save()
    done = subprocess.run(
        [*BUILD[:3], "--project", str(tiny.root), *BUILD[3:]],
        cwd=tiny.root.parent,
        env={**os.environ, **DATE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == (0 if gone in {"edition", "cache"} else 1), done.stderr
    survived("builds from which something vanished", 1)


@pytest.mark.parametrize("moment", [0, 315532799, 4102444800, 9999999999])
def test_any_clock(tiny: TinyBook, moment: int, survived: Count) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# One {#sec-one}"), code(FIGURE))
    tiny.save()
    for file in tiny.root.rglob("*"):
        os.utime(file, (moment, moment))
    made = []
    for _ in range(2):
        done = subprocess.run(
            BUILD,
            cwd=tiny.root,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made.append(digests(tiny.root / "_site"))
        shutil.rmtree(tiny.root / "_cache")
    assert made[0] == made[1]
    survived("builds with a clock set to another time", 2)
