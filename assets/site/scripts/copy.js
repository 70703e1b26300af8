/* A button beside what readers copy: citations and code. */
(() => {
  "use strict";

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

  offerCopies();
})();
