"""Write what machines read about the book and what follows from other files.

    python scripts/describe.py            write it
    python scripts/describe.py --check    is it up to date?

In `data/datapackage.json` the sources of each table come from its rows. `codemeta.json` (CodeMeta
3.0) repeats what `pyproject.toml`, `CITATION.cff` and the data package say.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nkbook.data.description import describe

ROOT = Path(__file__).resolve().parent.parent
LICENCES = "https://spdx.org/licenses/"


def requirement(text: str) -> dict[str, str]:
    """A dependency of `pyproject.toml`, such as `lxml>=5.3`, in the terms of CodeMeta."""
    name, version = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(\S*)", text).groups()
    return {"@type": "SoftwareApplication", "name": name, "version": version}


def codemeta(root: Path, package: dict[str, Any]) -> dict[str, Any]:
    """The software of the book at `root` in the terms of CodeMeta."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    book = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    authors = [{"@type": "Organization", "name": author["name"]} for author in book["authors"]]
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "description": project["description"],
        "version": project["version"],
        "datePublished": str(book["date-released"]),
        "license": LICENCES + project["license"],
        "author": authors,
        "keywords": project["keywords"],
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {project['requires-python']}",
        "operatingSystem": ["Linux", "macOS"],
        "softwareRequirements": [requirement(text) for text in project["dependencies"]],
        "supportingData": {
            "@type": "Dataset",
            "name": package["title"],
            "description": package["description"],
            "version": package["version"],
            "license": package["licenses"][0]["path"],
            "creator": authors,
            "keywords": package["keywords"],
        },
        "isPartOf": {
            "@type": "Book",
            "name": book["title"],
            "description": book["abstract"].strip(),
            "author": authors,
            "license": LICENCES + book["license"],
            "version": book["version"],
            "datePublished": str(book["date-released"]),
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or name those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare what is here")
    options = parser.parse_args(arguments)
    package = describe(ROOT)
    wanted = {"data/datapackage.json": package, "codemeta.json": codemeta(ROOT, package)}
    outdated = []
    for name, content in wanted.items():
        file, text = ROOT / name, json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            outdated.append(name)
            if not options.check:
                file.write_text(text, encoding="utf-8")
    for name in outdated:
        print(f"{name}: {'out of date' if options.check else 'written'}")
    return 1 if options.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
