/* The contents of the book show where the reader is, those of the page follow the reading. */
(() => {
  "use strict";

  function followReading() {
    const links = new Map();
    for (const link of document.querySelectorAll(".contents a[href^='#']")) {
      const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (target) links.set(target, link);
    }
    if (!links.size) return;
    const targets = [...links.keys()];
    let current = null;
    const update = () => {
      const line = window.innerHeight * 0.3;
      const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 4;
      const passed = targets.filter(
        // A section that a filter hides has no place on the page.
        (target) => target.getClientRects().length && target.getBoundingClientRect().top <= line,
      );
      const now = atEnd ? targets.at(-1) : passed.at(-1);
      if (now === current) return;
      links.get(current)?.removeAttribute("aria-current");
      current = now;
      links.get(current)?.setAttribute("aria-current", "location");
    };
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        update();
      });
    };
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    update();
  }

  // The book's contents are longer than the window: the chapter being read is scrolled into them.
  function showPlace() {
    const contents = document.querySelector(".sidebar .book-nav");
    const place = contents?.querySelector("[aria-current]");
    if (!place || !contents.clientHeight) return;
    const below = place.getBoundingClientRect().bottom - contents.getBoundingClientRect().bottom;
    if (below > 0) contents.scrollTop = below + contents.clientHeight / 2;
  }

  showPlace();
  followReading();
})();
