"""Published npm packages, fetched by version and checksum."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path


def fetch_package(package: str, integrity: str, folder: Path) -> Path:
    """Download `name@version` and unpack it below `folder`; gives the folder of its files.

    `integrity` is `sha512-` and the checksum in base64, as npm records it. Any other archive is
    refused with `SystemExit`.
    """
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), package],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stem, _, version = package.lstrip("@").replace("/", "-").rpartition("@")
    archive = folder / f"{stem}-{version}.tgz"
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = f"sha512-{base64.b64encode(digest).decode()}"
    if found != integrity:
        raise SystemExit(f"{package}: its checksum is {found}, recorded is {integrity}")
    with tarfile.open(archive) as bundle:
        bundle.extractall(folder / stem, filter="data")
    return folder / stem / "package"
