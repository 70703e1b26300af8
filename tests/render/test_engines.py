"""Which engine is taken, and that the project file means the same to both."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from nkbook.errors import BookError
from nkbook.render import keys, quarto
from nkbook.render.engines import choose_engine
from nkbook.render.progress import Progress

ROOT = Path(__file__).parents[2]


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """A program `quarto` that answers with a version."""
    program = folder / "quarto"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("version", "engine"),
    [("1.9.0", "quarto"), ("1.10.18", "quarto"), ("2.0.1", "quarto"), ("1.8.27", "portable")],
)
def test_auto_takes_quarto_when_it_is_new_enough(tmp_path, monkeypatch, version, engine) -> None:
    install(tmp_path, monkeypatch, version)
    name, reason = choose_engine("auto")
    assert name == engine
    assert version in reason


def test_auto_says_why_it_takes_the_portable_engine(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert choose_engine("auto") == (
        "portable",
        "Engine: portable, because Quarto is not installed.",
    )


def test_broken_quarto_counts_as_none(tmp_path, monkeypatch) -> None:
    install(tmp_path, monkeypatch, "oops; exit 3")
    assert choose_engine("auto")[0] == "portable"


def test_every_key_is_honoured_or_has_a_reason() -> None:
    assert not keys.HONOURED & keys.QUARTO_ONLY.keys()
    assert all(reason for reason in keys.QUARTO_ONLY.values())


def test_every_honoured_key_is_read_by_the_engine() -> None:
    """The last name of each honoured key stands somewhere in the code that reads the project."""
    folder = ROOT / "src" / "nkbook" / "render"
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for file in folder.rglob("*.py")
        if file.name not in {"keys.py", "quarto.py"}
    )
    # The words of each kind are read by a name made of both: see `label_words`.
    named = {key for key in keys.HONOURED if not re.fullmatch(r"crossref\.\w+-(title|prefix)", key)}
    unread = {key for key in named if f'"{key.rsplit(".", 1)[-1]}"' not in code}
    assert not unread


def test_formats_made_by_quarto_stay_side_by_side(tmp_path, tiny, monkeypatch) -> None:
    """A run of Quarto empties the output folder unless it is told not to."""
    program = tmp_path / "quarto"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 1.10.18 && exit\n'
        f'echo "$@" >> {tmp_path}/runs\nmkdir -p _site\necho page > _site/index.html\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    tiny.config["format"] = {"html": {}, "epub": {}, "typst": {}}
    tiny.save()
    for formats in (["html", "epub"], []):
        quarto.build(tiny.root, Progress(quiet=True), formats=formats)
    runs = (tmp_path / "runs").read_text().splitlines()
    assert runs == ["render . --to html", "render . --to epub --no-clean", "render ."]
    assert tiny.run("verify").exit_code == 0
    record = json.loads(tiny.page("provenance.json"))
    assert (record["engine"], record["tools"]["quarto"]) == ("quarto", "1.10.18")


def test_what_quarto_says_comes_without_its_stack_trace(tmp_path, tiny, monkeypatch) -> None:
    program = tmp_path / "quarto"
    program.write_text(
        "#!/bin/sh\nprintf 'ERROR: no\\n\\nStack trace:\\n at code\\n' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    tiny.save()
    with pytest.raises(BookError, match="ERROR: no") as caught:
        quarto.build(tiny.root, Progress(quiet=True))
    assert "at code" not in str(caught.value)


def test_quarto_finds_kernel_and_programs_of_this_python(tmp_path, tiny, monkeypatch) -> None:
    """Hooks such as `nkbook prepare` run where nobody activated the environment, too."""
    install(tmp_path, monkeypatch, "1.10.18")
    (tmp_path / "quarto").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 1.10.18 && exit\n'
        f'echo "$QUARTO_PYTHON $PATH" > {tmp_path}/seen\nmkdir -p _site\n'
    )
    monkeypatch.delenv("QUARTO_PYTHON", raising=False)
    tiny.save()
    quarto.build(tiny.root, Progress(quiet=True))
    python, path = (tmp_path / "seen").read_text().split()
    assert python == sys.executable
    assert path.split(":")[0] == str(Path(sys.executable).parent)
