"""A process in which Typst sets markup, beside the build: its memory goes when it ends.

A book of some hundred pages takes Typst more than a gigabyte. `python -m
nkbook.render.pdf_compositor FONTS` answers on its output to each request on its input (lines of
JSON): the source, the folder of all that it may read, the date and the file to write; the answer is
what Typst complains of. It ends when its input does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nkbook.render.system import end_with_parent

STANDARDS: tuple[Literal["ua-1"], Literal["a-3a"]] = ("ua-1", "a-3a")
"""Tagged for everyone (PDF/UA-1) and fit to keep (PDF/A-3a)."""


@dataclass(frozen=True)
class Complaint:
    """What Typst says of a source: an error or a warning."""

    message: str
    diagnostic: str
    """The same with the places it is about."""


class Compositor:
    """The process, for one source at a time."""

    def __init__(self, fonts: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(fonts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Ctrl-C is for the build, which then ends it.
            start_new_session=True,
        )

    def set(self, source: Path, target: Path, timestamp: int) -> list[Complaint]:
        """Write `source` as PDF to `target`, if Typst can, and return what it complains of.

        `timestamp` is that of the document, in seconds since 1970. Raises `OSError` where the
        process has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        request = {"source": str(source), "target": str(target), "timestamp": timestamp}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError("the process in which Typst sets the book has ended")
        return [Complaint(**complaint) for complaint in json.loads(answer)]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def main(folder: str) -> None:
    """Set what is asked for until nobody asks any more."""
    import typst

    end_with_parent()
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    for line in sys.stdin:
        request = json.loads(line)
        source = Path(request["source"])
        compiler = typst.Compiler(str(source), root=str(source.parent), font_paths=fonts)
        complaints: list[Any]
        try:
            data, complaints = compiler.compile_with_warnings(
                format="pdf", pdf_standards=[*STANDARDS], timestamp=request["timestamp"]
            )
        except typst.TypstError as error:
            complaints = [error]
        else:
            assert isinstance(data, bytes)
            Path(request["target"]).write_bytes(data)
        said = [
            {"message": one.message, "diagnostic": one.diagnostic or f"error: {one.message}\n"}
            for one in complaints
        ]
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
