/* The dialog of search: what is typed, what is found, and the keys that lead from one to the other. */
(() => {
  "use strict";

  const FEW = 3;
  const MOST = 30;

  const make = (name, properties, ...content) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...content);
    return element;
  };
  const key = (name) => make("kbd", {}, name);
  const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? "result" : "results"}`;

  const input = make("input", {
    autocomplete: "off",
    className: "search-input",
    enterKeyHint: "search",
    id: "search-input",
    inputMode: "search",
    spellcheck: false,
    type: "text",
  });
  const label = make("label", { htmlFor: input.id, id: "search-label" }, "Search the book");
  const close = make("button", { className: "search-close", type: "button" }, "Close");
  const status = make("p", { className: "search-status", role: "status" });
  const results = make("div", { className: "search-results" });
  const slash = make("input", { type: "checkbox" });
  const keys = make(
    "p",
    { className: "search-keys" },
    ...["Arrow keys move, ", key("Enter"), " opens, ", key("Esc"), " closes"],
  );
  const choice = make("label", { className: "search-slash" }, slash, key("/"), " opens search");
  const dialog = make(
    "dialog",
    { className: "search" },
    make("div", { className: "search-head" }, label, close, input, status),
    results,
    make("div", { className: "search-foot" }, keys, choice),
  );
  dialog.setAttribute("aria-labelledby", label.id);

  let root;
  let find = null;

  /* Results ------------------------------------------------------------------------------------ */

  function showHit({ document: hit, terms }) {
    const link = make("a", { href: new URL(`${hit.page}#${hit.fragment}`, root) });
    link.append(
      make("span", { className: "search-title" }, ...searchExcerpt.whole(hit.title, terms)),
      make("span", { className: "search-place" }, hit.place),
    );
    if (hit.text) {
      const text = searchExcerpt.part(hit.text, terms);
      link.append(make("span", { className: "search-text" }, ...text));
    }
    return make("li", {}, link);
  }

  function showGroup(kind, hits, number) {
    const heading = make("h2", { id: `search-group-${number}` }, `${kind} `);
    heading.append(make("span", { className: "search-count" }, hits.length.toLocaleString("en")));
    const list = make("ul", {}, ...hits.slice(0, FEW).map(showHit));
    const section = make("section", {}, heading, list);
    section.setAttribute("aria-labelledby", heading.id);
    if (hits.length > FEW) {
      const words = hits.length > MOST ? `Show the first ${MOST}` : `Show all ${hits.length}`;
      const more = make("button", { className: "search-more", type: "button" }, words);
      more.addEventListener("click", () => {
        const rest = hits.slice(FEW, MOST).map(showHit);
        list.append(...rest);
        more.remove();
        rest[0].firstChild.focus();
      });
      section.append(more);
    }
    return section;
  }

  function describe(text, how, hits) {
    const count = counted(hits.length);
    switch (how) {
      case "all":
        return `${count} for “${text}”`;
      case "similar":
        return `Nothing for “${text}” as written. ${count} for similar words`;
      case "some":
        return `Nothing for all of “${text}”. ${count} for part of it`;
      default:
        return `Nothing found for “${text}”. Try fewer words, or only the beginning of one: names and Korean words are spelt in more than one way.`;
    }
  }

  function update() {
    if (!find) return;
    const text = input.value.trim();
    const { how, hits } = text ? find(text) : { hits: [] };
    // The kind of the best hit comes first.
    const groups = new Map();
    for (const hit of hits) {
      const { kind } = hit.document;
      if (!groups.has(kind)) groups.set(kind, []);
      groups.get(kind).push(hit);
    }
    const sections = [...groups].map(([kind, group], number) => showGroup(kind, group, number));
    results.replaceChildren(...sections);
    results.scrollTop = 0;
    status.textContent = text ? describe(text, how, hits) : find.kinds.join(" · ");
  }

  /* Keys --------------------------------------------------------------------------------------- */

  function move(step) {
    const places = [input, ...results.querySelectorAll("a, button")];
    const next = places[places.indexOf(document.activeElement) + step];
    next?.focus();
    if (next === input) results.scrollTop = 0;
  }

  function onKey(event) {
    if (event.isComposing) return;
    const { activeElement } = document;
    const inResults = results.contains(activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (activeElement !== input && !inResults) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && activeElement === input) {
      results.querySelector("a")?.click();
    } else if (inResults && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      // Whoever types on goes on with the query.
      input.focus();
    }
  }

  /* Opening and closing ------------------------------------------------------------------------- */

  // A keyboard on the screen covers the page: the dialog keeps to what is left of it.
  function fit() {
    dialog.style.setProperty("--search-height", `${window.visualViewport.height}px`);
  }

  async function prepare(loadDocuments) {
    status.textContent = "Getting the search ready …";
    try {
      await loadDocuments();
      find = await searchFinder.build(window.searchDocuments);
      update();
    } catch {
      status.textContent = "Search could not be loaded. Close it and open it again.";
    }
  }

  let preparing = null;
  window.openSearch = (address, loadDocuments, typed) => {
    if (dialog.open) return;
    root = address;
    dialog.showModal();
    input.focus();
    input.select();
    if (typed) input.value = typed;
    if (!find) preparing ??= prepare(loadDocuments).finally(() => (preparing = null));
  };

  try {
    slash.checked = localStorage.getItem("search-slash") !== "off";
  } catch {
    choice.hidden = true;
  }
  slash.addEventListener("change", () => {
    if (slash.checked) localStorage.removeItem("search-slash");
    else localStorage.setItem("search-slash", "off");
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    // A press beside the dialog counts as one on it; one on a link may stay on this page.
    if (event.target === dialog || event.target.closest("a")) dialog.close();
  });
  dialog.addEventListener("keydown", onKey);
  input.addEventListener("input", update);
  window.visualViewport.addEventListener("resize", fit);
  fit();
  document.body.append(dialog);
})();
