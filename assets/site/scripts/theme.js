/* Light or dark: the system's choice, or the reader's. Runs in the head, before the first paint. */
(() => {
  "use strict";

  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  // Storage may be refused, as on some file:// pages: then the choice lasts for one page.
  const remembered = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const remember = (theme) => {
    try {
      if (theme) localStorage.setItem("theme", theme);
      else localStorage.removeItem("theme");
    } catch {
      /* The page still changes. */
    }
  };

  // This runs in the head, so that a chosen theme is there before the first paint.
  if (["light", "dark"].includes(remembered())) root.dataset.theme = remembered();

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  function offerThemes() {
    const button = document.querySelector(".theme-toggle");
    if (!button) return;
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    button.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      // Back at what the system says, follow the system again.
      if ((wanted === "dark") === system.matches) delete root.dataset.theme;
      else root.dataset.theme = wanted;
      remember(root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    show();
  }

  document.addEventListener("DOMContentLoaded", offerThemes);
})();
