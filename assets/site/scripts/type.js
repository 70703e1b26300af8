/* Text first, type after it: on a reader's first visit the page appears in a font of the device, bent
 * to the widths of ours, and ours come when it has; where they are at hand, the page waits for them. */
(() => {
  "use strict";

  const FIRST_SCREEN = ["book-serif", "book-serif-semibold", "book-sans"];
  const assets = new URL(document.currentScript.dataset.assets, location.href);
  const served = location.protocol.startsWith("http");

  function addLink(rel, name, more) {
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel, href: new URL(name, assets).href }, more));
  }

  function loadFonts() {
    // Browsers refuse to load ahead for file://, where nothing is far away.
    const ahead = { as: "font", type: "font/woff2", crossOrigin: "anonymous" };
    const names = served ? FIRST_SCREEN : [];
    for (const name of names) addLink("preload", `fonts/${name}.core.woff2`, ahead);
    addLink("stylesheet", "fonts.css", { blocking: "render" });
  }

  const atHand = !served || navigator.serviceWorker?.controller;
  if (atHand || !PerformanceObserver.supportedEntryTypes.includes("paint")) loadFonts();
  else
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      loadFonts();
    }).observe({ type: "paint", buffered: true });
})();
