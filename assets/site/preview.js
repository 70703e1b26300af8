/* For authors, from `nkbook serve` alone: shows a page anew as soon as it was made anew, at the
 * place where its reader is. That place is told by what stands there, not by pixels: a text above
 * may have become longer. */
(() => {
  "use strict";

  // Pixels below the top of the window at which what is read begins, such as a heading.
  const EDGE = 40;
  const PLACE = "nkbook-place";
  const address = new URL("/.nkbook/changes", location.href);
  const here = decodeURIComponent(location.pathname).replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");

  function remember() {
    const place = { here, y: scrollY };
    // The last thing that begins above the window, or at its very top.
    for (const mark of document.querySelectorAll("main [id]")) {
      const { top } = mark.getBoundingClientRect();
      if (top <= EDGE) Object.assign(place, { id: mark.id, top });
    }
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  }

  function goBack() {
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    sessionStorage.removeItem(PLACE);
    if (place?.here !== here) return;
    const mark = place.id && document.getElementById(place.id);
    const y = mark ? scrollY + mark.getBoundingClientRect().top - place.top : place.y;
    scrollTo({ top: y, behavior: "instant" });
  }

  async function listen() {
    for (let since = ""; ; ) {
      try {
        address.search = new URLSearchParams({ since });
        const { version, pages } = await (await fetch(address, { cache: "no-store" })).json();
        const isNews = since !== "" && version !== since;
        since = version;
        if (!isNews || (pages && !pages.includes(here))) continue;
        remember();
        location.reload();
        return;
      } catch {
        await new Promise((again) => setTimeout(again, 1000));
      }
    }
  }

  history.scrollRestoration = "manual";
  if (sessionStorage.getItem(PLACE)) window.addEventListener("load", goBack);
  listen();
})();
