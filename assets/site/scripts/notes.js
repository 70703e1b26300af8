/* A citation or a note opens beside its marker. Without this, the style sheet shows it below. */
(() => {
  "use strict";

  if (!("popover" in HTMLElement.prototype)) return;

  const box = document.createElement("div");
  box.className = "note-box";
  box.popover = "auto";
  box.tabIndex = -1;
  box.setAttribute("role", "note");

  function open(link) {
    const entry = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!entry) return false;
    const copy = entry.cloneNode(true);
    for (const part of copy.querySelectorAll(".close, .footnote-back")) part.remove();
    for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
    const all = document.createElement("a");
    all.href = link.hash;
    all.textContent = link.role === "doc-noteref" ? "In the notes" : "In the references";
    const foot = document.createElement("p");
    foot.className = "note-foot";
    foot.append(all);
    // The way to the list leads there, not to the sheet that stands in for this box.
    all.addEventListener("click", (event) => {
      event.preventDefault();
      box.hidePopover();
      entry.scrollIntoView({ block: "center" });
      entry.tabIndex = -1;
      entry.focus({ preventScroll: true });
    });
    box.setAttribute("aria-label", link.textContent);
    box.replaceChildren(...copy.childNodes, foot);
    // Beside the link in the order of reading and of the Tab key.
    link.after(box);
    link.focus();
    box.showPopover({ source: link });
    box.focus();
    return true;
  }

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[role='doc-biblioref'], a[role='doc-noteref']");
    if (link && open(link)) event.preventDefault();
  });
})();
