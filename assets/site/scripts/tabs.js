/* Sets of tabs. Without this, and on paper, all panels stand below one another with headings. */
(() => {
  "use strict";

  const sets = [];

  function open(set, panel) {
    for (const [other, tab] of set.tabs) {
      const chosen = other === panel;
      tab.setAttribute("aria-selected", chosen);
      // A panel that is only found may still be a stop of the Tab key.
      tab.tabIndex = other.tabIndex = chosen ? 0 : -1;
      if (chosen) other.removeAttribute("hidden");
      // A search in the page, or a link into a panel, opens it.
      else other.setAttribute("hidden", "until-found");
    }
  }

  /* A reader's choice holds for all sets of the group, and what was clicked stays in its place. */
  function choose(set, panel) {
    const tab = set.tabs.get(panel);
    const before = tab.getBoundingClientRect().top;
    open(set, panel);
    for (const other of sets) {
      if (other === set || !set.group || other.group !== set.group) continue;
      const same = [...other.tabs].find(([, its]) => its.textContent === tab.textContent);
      if (same) open(other, same[0]);
    }
    const moved = tab.getBoundingClientRect().top - before;
    window.scrollBy({ top: moved, behavior: "instant" });
  }

  function move(set, event) {
    const panels = [...set.tabs.keys()];
    const here = panels.findIndex((panel) => set.tabs.get(panel) === event.target);
    const last = panels.length - 1;
    const rtl = getComputedStyle(event.target).direction === "rtl";
    const to = {
      ArrowRight: here + (rtl ? -1 : 1),
      ArrowLeft: here + (rtl ? 1 : -1),
      Home: 0,
      End: last,
    }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    const panel = panels.at(to > last ? 0 : to);
    choose(set, panel);
    set.tabs.get(panel).focus();
  }

  function build(element) {
    const set = { group: element.dataset.group, tabs: new Map() };
    const list = document.createElement("div");
    list.className = "tab-list";
    list.setAttribute("role", "tablist");
    for (const panel of element.querySelectorAll(":scope > .tab")) {
      const title = panel.querySelector(":scope > .tab-title").cloneNode(true);
      for (const link of title.querySelectorAll("a")) link.replaceWith(...link.childNodes);
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `${panel.id}-tab`;
      tab.append(...title.childNodes);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      tab.addEventListener("click", () => choose(set, panel));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      panel.addEventListener("beforematch", () => open(set, panel));
      set.tabs.set(panel, tab);
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => move(set, event));
    element.prepend(list);
    sets.push(set);
    open(set, set.tabs.keys().next().value);
  }

  /* What an address names may stand in a panel, and that in a panel of an outer set. */
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const hidden = sets.filter((set) => {
      const panel = [...set.tabs.keys()].find((each) => each.contains(target) && each.hidden);
      if (panel) open(set, panel);
      return panel;
    });
    if (hidden.length) target.scrollIntoView();
  }

  for (const element of document.querySelectorAll(".tabset:has(> .tab)")) build(element);
  window.addEventListener("hashchange", reveal);
  reveal();
})();
