/* What a page does beyond being read. Every page is whole without it. */
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
      const passed = targets.filter((target) => target.getBoundingClientRect().top <= line);
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

  function linkHeadings() {
    for (const heading of document.querySelectorAll(".prose section[id] > :is(h2, h3, h4)")) {
      const link = document.createElement("a");
      link.className = "heading-link";
      link.href = `#${heading.parentElement.id}`;
      link.setAttribute("aria-label", `Link to “${heading.textContent.trim()}”`);
      link.textContent = "#";
      heading.append(link);
    }
  }

  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const text of document.querySelectorAll(".cite-text, .cite pre, .prose pre.sourceCode")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(text.textContent.trim());
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not copied";
        }
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
      text.after(button);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    offerThemes();
    followReading();
    linkHeadings();
    offerCopies();
  });
})();
