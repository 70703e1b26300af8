/* What opens search: a button, Control or Command with K, and a slash. All else loads then. */
(() => {
  "use strict";

  const button = document.querySelector(".search-button");
  if (!button) return;
  const assets = document.currentScript.src;

  const load = (name, attributes) =>
    new Promise((resolve, reject) => {
      const element = document.createElement(name);
      element.onload = resolve;
      element.onerror = reject;
      Object.assign(element, attributes);
      document.head.append(element);
    });
  const script = (name) => load("script", { src: new URL(name, assets) });

  let ready = null;
  let typed = null; // What a reader types while search is on its way.
  async function open() {
    typed ??= "";
    ready ??= Promise.all([
      load("link", { rel: "stylesheet", href: new URL("search.css", assets) }),
      script("search.js"),
    ]);
    try {
      await ready;
      window.openSearch(new URL("..", assets), () => script("search-documents.js"), typed);
    } catch {
      ready = null;
    } finally {
      typed = null;
    }
  }

  // A slash alone can be spoken by accident, so a reader can switch it off, in the dialog.
  const slashOpens = () => {
    try {
      return localStorage.getItem("search-slash") !== "off";
    } catch {
      return true;
    }
  };
  const typing = (target) => target.isContentEditable || target.closest("input, textarea, select");

  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    const slash = event.key === "/" && !command && !event.altKey && !typing(event.target);
    if ((command && event.key === "k") || (slash && slashOpens())) {
      event.preventDefault();
      open();
    } else if (typed !== null && event.key.length === 1 && !command && !event.altKey) {
      event.preventDefault();
      typed += event.key;
    }
  });
  button.addEventListener("click", open);
  button.hidden = false;
})();
