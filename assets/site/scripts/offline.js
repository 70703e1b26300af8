/* What was read stays on this device and opens without a connection. See worker.js. */
(() => {
  "use strict";

  if (!("serviceWorker" in navigator) || !location.protocol.startsWith("http")) return;
  const worker = new URL("../sw.js", document.currentScript.src);

  async function keepWhatIsRead() {
    const first = !navigator.serviceWorker.controller;
    await navigator.serviceWorker.register(worker);
    if (!first) return;
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage({ ask: "read", addresses: [location.href, ...loaded] });
  }

  // The page comes first; where keeping is refused, it reads as well.
  window.addEventListener("load", () => keepWhatIsRead().catch(() => {}));
})();
