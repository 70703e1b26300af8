"""Write what machines read about the book and what follows from other files.

    python scripts/describe.py            write it
    python scripts/describe.py --check    is it up to date?

In `data/datapackage.json` the sources of each table come from its rows. `codemeta.json` (CodeMeta
3.0) repeats what `pyproject.toml`, `CITATION.cff` and the data package say. `docs/sbom.cdx.json`
(CycloneDX 1.6) lists what the book is made with, from the locks, and what of others it holds.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import vendor
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


SHIPPED = (
    ("Source Serif 4", "4", "OFL-1.1", "https://github.com/adobe-fonts/source-serif"),
    ("Source Sans 3", "3", "OFL-1.1", "https://github.com/adobe-fonts/source-sans"),
    ("Noto Serif KR", "", "OFL-1.1", "https://github.com/notofonts/noto-cjk"),
    ("Noto Sans KR", "", "OFL-1.1", "https://github.com/notofonts/noto-cjk"),
    ("Natural Earth", "4.1", "LicenseRef-public-domain", "https://www.naturalearthdata.com/"),
)
"""Name, version, licence and address of what editions hold of others, beside packages."""


def bill_of_materials(root: Path) -> dict[str, Any]:
    """What the book is made with and what of others it holds, in the terms of CycloneDX."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, _, version = vendor.PACKAGE[0].rpartition("@")
    shipped = [
        {
            "type": "library",
            **_named("npm", name, version),
            "licenses": [{"license": {"id": "MIT"}}],
        },
        *(
            {
                "type": "file",
                "name": name,
                **({"version": version} if version else {}),
                "licenses": [_licence(licence)],
                "externalReferences": [{"type": "website", "url": address}],
            }
            for name, version, licence, address in SHIPPED
        ),
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                **_named("pypi", project["name"], project["version"]),
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [*shipped, *_locked((root / "requirements.txt").read_text("utf-8"))],
    }


def _locked(lock: str) -> Iterator[dict[str, Any]]:
    """The packages of a lock, each with the checksums of all its files."""
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        name, version = re.match(r"([\w.-]+)==([^\s;\\]+)", entry).groups()
        digests = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
        hashes = [{"alg": "SHA-256", "content": digest} for digest in digests]
        yield {"type": "library", **_named("pypi", name, version), "hashes": hashes}


def _named(registry: str, name: str, version: str) -> dict[str, str]:
    return {"name": name, "version": version, "purl": f"pkg:{registry}/{name}@{version}"}


def _licence(name: str) -> dict[str, Any]:
    """A licence of SPDX's list by its id, any other by its name."""
    known = not name.startswith("LicenseRef-")
    return {"license": {"id": name} if known else {"name": name.removeprefix("LicenseRef-")}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or name those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare what is here")
    options = parser.parse_args(arguments)
    package = describe(ROOT)
    wanted = {
        "data/datapackage.json": package,
        "codemeta.json": codemeta(ROOT, package),
        "docs/sbom.cdx.json": bill_of_materials(ROOT),
    }
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
