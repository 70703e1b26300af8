"""What search costs a reader: bytes, time until it is ready, time for a query.

    python benchmarks/search.py [site]      default: _site, as `make book` leaves it

Measured in Chromium over `file://`, as it is and with the processor slowed down four times, about
a phone of the middle class. A query counts from the letter typed to the results in the page.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FILES = ("search.js", "search.css", "search-documents.js")

QUERIES = [
    "camps",
    "camp 14",
    "political prison camps",
    "songbun",
    "sŏngbun",
    "sungbun",
    "성분",
    "장마당",
    "관리소",
    "고난의 행군",
    "34,537",
    "34537",
    "223",
    "14.4",
    "2009",
    "rice",
    "rice price",
    "price of rice in pyongyang",
    "famine",
    "famine deaths",
    "deaths in the famine of the 1990s",
    "hunger",
    "public executions",
    "forced labour",
    "kwan-li-so",
    "kwanliso",
    "Kim Jong-un",
    "kim jong il",
    "juche",
    "women sold in china",
    "trafficking",
    "brokers",
    "religion",
    "bible",
    "radio",
    "phones",
    "smuggled films",
    "usb",
    "tuberculosis",
    "doctors",
    "bribes",
    "travel permit",
    "UN inquiry",
    "security council",
    "satellite images",
    "how many people left",
    "what is songbun",
    "h",
    "pe",
    "zeppelin",
]

OPEN = """async () => {
  const start = performance.now();
  document.querySelector(".search-button").click();
  const status = () => document.querySelector(".search-status")?.textContent ?? "";
  while (!status().includes("Chapters")) await new Promise((done) => setTimeout(done, 5));
  return performance.now() - start;
}"""

ASK = """async (text) => {
  const input = document.querySelector(".search-input");
  input.value = text;
  const start = performance.now();
  input.dispatchEvent(new Event("input"));
  document.querySelector(".search-results").getBoundingClientRect();
  return performance.now() - start;
}"""


def measure_queries(page: Page, rate: int) -> tuple[float, list[float]]:
    """Milliseconds until search is ready, and for each query, at a slowed-down processor."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    ready = page.evaluate(OPEN)
    return ready, [page.evaluate(ASK, query) for query in QUERIES]


def print_times(browser: Browser, site: Path, rate: int) -> None:
    """Print a row of the table of times."""
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    ready, times = measure_queries(page, rate)
    page.close()
    middle = statistics.median(times)
    late = statistics.quantiles(times, n=20)[-1]
    print(f"{rate:>9}x {ready:>8.0f} {middle:>8.1f} {late:>8.1f} {max(times):>8.1f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=Path("_site"))
    site = parser.parse_args(arguments).site.resolve()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not (site / "assets" / FILES[0]).is_file():
        raise SystemExit(f"{site} is not a built site. Run: make book")
    print(f"{'file':<22} {'bytes':>9} {'gzip -9':>9}")
    total = 0
    for name in FILES:
        data = (site / "assets" / name).read_bytes()
        small = len(gzip.compress(data, 9, mtime=0))
        total += small
        print(f"{name:<22} {len(data):>9,} {small:>9,}")
    print(f"{'all, budget 150,000':<22} {'':>9} {total:>9,}\n")
    print(f"{len(QUERIES)} queries, milliseconds")
    print(f"{'slowed':>10} {'ready':>8} {'median':>8} {'p95':>8} {'longest':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for rate in (1, 4):
            print_times(browser, site, rate)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
