"""How much a reader's first visit to each page weighs: bytes sent by a server that gzips.

    python benchmarks/weight.py [_site]

Opens every page of a built site in Chromium on a phone's screen with nothing cached and adds up
what came over the wire, pictures aside (a reader sees text before them; most wait until they are
near). Ends with 1 where a chapter is over the bar.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Request, sync_playwright
from server import serve

BAR = 90_000
"""Bytes that the first load of a chapter may take."""

KINDS = {"document": "page", "stylesheet": "styles", "script": "scripts", "font": "fonts"}
EVIDENCE = ("sources", "statistics", "testimonies", "source-page", "glossary")
"""Pages of reference, which are tables to look things up in and not chapters to read."""


def weigh(browser: Browser, address: str) -> Counter[str]:
    """Bytes that came for the page at `address`, by kind."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(address, wait_until="networkidle")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    weights: Counter[str] = Counter()
    for request in done:
        if kind := KINDS.get(request.resource_type):
            weights[kind] += request.sizes()["responseBodySize"]
    weights["files"] = sum(request.resource_type in KINDS for request in done)
    page.close()
    return weights


def is_chapter(name: str) -> bool:
    """Whether a page is one to read from beginning to end."""
    return name.startswith("notebooks/") and Path(name).stem not in EVIDENCE


def main(arguments: Sequence[str] | None = None) -> int:
    """Weigh every page and print a table, the heaviest first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=Path("_site"))
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser's program")
    options = parser.parse_args(arguments)
    names = sorted(f.relative_to(options.site).as_posix() for f in options.site.rglob("*.html"))
    with serve(options.site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        weights = {name: weigh(browser, address + name) for name in names}
        browser.close()

    def total(name: str) -> int:
        return sum(weights[name][kind] for kind in KINDS.values())

    heads = [*KINDS.values(), "total"]
    print(f"{'kB, gzipped':42}" + "".join(f"{head:>9}" for head in heads) + "    files")
    for name in sorted(names, key=total, reverse=True):
        cells = [*(weights[name][kind] for kind in KINDS.values()), total(name)]
        over = total(name) > BAR
        mark = ("  over" if is_chapter(name) else "  (evidence)") if over else ""
        row = "".join(f"{cell / 1000:9.1f}" for cell in cells)
        print(f"{name:42}{row}{weights[name]['files']:9}{mark}")
    late = [name for name in names if is_chapter(name) and total(name) > BAR]
    print(f"\n{len(late)} chapters over {BAR / 1000:.0f} kB.")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
