"""Record what the Quarto on PATH makes of the small projects in tests/parity/projects/.

python scripts/record_structures.py             all of them
python scripts/record_structures.py footnotes    these only
"""

from __future__ import annotations

import sys
from pathlib import Path

from nkbook.errors import BookError
from nkbook.parity.recordings import small_projects
from nkbook.render.progress import Progress

ROOT = Path(__file__).resolve().parent.parent


def main(names: list[str]) -> int:
    """Record the projects of these names, or all; 1 where Quarto fails."""
    small = {one.name: one for one in small_projects(ROOT)}
    if unknown := [name for name in names if name not in small]:
        print(f"There is no project {', '.join(unknown)} in tests/parity/projects/.")
        return 2
    for name in names or sorted(small):
        try:
            small[name].record(Progress(quiet=True))
        except BookError as error:
            print(f"{name}: {error}")
            return 1
        print(f"Recorded: {small[name].recording.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
