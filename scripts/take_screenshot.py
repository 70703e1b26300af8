"""Take the README's picture: the built home page, and a chapter on a phone.

Run `python scripts/take_screenshot.py` after `make book`; needs Chromium
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_site"
TARGET = ROOT / "docs" / "screenshot.png"
HEIGHT = 860
GAP = 36
GROUND = "#dfe3df"


def picture(browser: Browser, page: str, width: int, anchor: str = "") -> Image.Image:
    """A page of the site as wide as a window, from its top or from an anchor."""
    tab = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce", color_scheme="light"
    )
    tab.goto((SITE / page).as_uri() + (f"#{anchor}" if anchor else ""))
    tab.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(tab.screenshot()))


def main() -> None:
    """Compose the two pictures and write them."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program or not SITE.is_dir():
        sys.exit("This needs Chromium and a built site: run `make book` first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        shots = [
            picture(browser, "index.html", 1180),
            picture(browser, "notebooks/leaving.html", 400, "fig-leaving-arrivals"),
        ]
        browser.close()
    width = sum(shot.width for shot in shots) + GAP * (len(shots) + 1)
    sheet = Image.new("RGB", (width, HEIGHT + 2 * GAP), GROUND)
    left = GAP
    for shot in shots:
        sheet.paste(shot, (left, GAP))
        left += shot.width + GAP
    TARGET.parent.mkdir(exist_ok=True)
    sheet.quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
