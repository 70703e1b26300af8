"""Bring the scripts of others that the site ships into assets/site/vendor/.

    python scripts/vendor.py            fetch them again (needs npm and the network)
    python scripts/vendor.py --check    are the files here those that were fetched?

They are kept byte for byte as published. The build minifies them with our own scripts.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packages import fetch_package

VENDOR = Path(__file__).resolve().parent.parent / "assets" / "site" / "vendor"

# Package and version, integrity of its archive.
PACKAGE = (
    "minisearch@7.2.0",
    "sha512-dqT2XBYUOZOiC5t2HRnwADjhNS2cecp9u+TJRiJ1Qp/f5qjkeT5APcGPjHw+bz89Ms8Jp+cG4AlE+QZ/QnDglg==",
)

# File here: its path in the package, its SHA-256.
FILES = {
    "minisearch.js": (
        "dist/umd/index.js",
        "03c27931eb603af1d3358579e9885eafdb6a2f5fa9929557b3e77d7e99d06d03",
    ),
    "minisearch-licence.txt": (
        "LICENSE.txt",
        "70d37354d6395629fb99edb28cb37a5d356ffa24a48cd02a5def5b83a300a899",
    ),
}


def changed_files() -> Iterator[str]:
    """The files that are missing or not as they were published."""
    for name, (_, digest) in FILES.items():
        file = VENDOR / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield name


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare what is here")
    options = parser.parse_args(arguments)
    if not options.check:
        VENDOR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            package = fetch_package(*PACKAGE, Path(folder))
            for name, (member, _) in FILES.items():
                shutil.copyfile(package / member, VENDOR / name)
    changed = list(changed_files())
    for name in changed:
        print(f"{name} is not the file of {PACKAGE[0]}. Run: python scripts/vendor.py")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
