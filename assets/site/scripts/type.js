/* Asks for the fonts of the first screen ahead of the style sheet, so that text appears in them and
 * does not move. A link in the page would do the same, but browsers refuse it for file://. */
(() => {
  "use strict";

  if (!location.protocol.startsWith("http")) return;
  const fonts = new URL(document.currentScript.dataset.fonts, location.href);
  for (const name of ["book-serif", "book-serif-semibold", "book-sans"]) {
    const link = document.createElement("link");
    link.rel = "preload";
    link.as = "font";
    link.type = "font/woff2";
    link.crossOrigin = "anonymous";
    link.href = new URL(`${name}.core.woff2`, fonts).href;
    document.head.append(link);
  }
})();
