/* Filter and sort for a page of rows (`.evidence`) or of figures: words, the groups of the page, and
 * whatever the rows carry as data-*. They stand in the page already; this hides and orders them. */
(() => {
  "use strict";

  const kinds = ".prose :is(section, div).evidence[id], .prose .gallery > li[id]";
  const rows = [...document.querySelectorAll(kinds)];
  if (!rows.length) return;
  const figures = rows[0].localName === "li";

  // A row's group is the nearest section above it that has a heading.
  const groupOf = (row) => row.parentElement.closest("section[id]");
  const groups = [...new Set(rows.map(groupOf))].filter(Boolean);
  const titleOf = (group) => {
    const heading = group.querySelector(":scope > :is(h2, h3)").cloneNode(true);
    for (const extra of heading.querySelectorAll(".heading-link, .header-section-number")) {
      extra.remove();
    }
    return heading.textContent.trim();
  };
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => fold(row.textContent));
  const dateOf = (row) => row.dataset.date ?? "";
  const nameOf = (row) => (row.querySelector(":is(h3, h4, .gallery-title)") ?? row).textContent.trim();
  const title = document.querySelector("main h1").textContent.trim();

  const bar = document.createElement("form");
  bar.className = "filter";
  bar.setAttribute("role", "search");
  bar.setAttribute("aria-label", `Filter: ${title}`);

  function labelled(text, control) {
    const label = document.createElement("label");
    const words = document.createElement("span");
    words.textContent = text;
    label.append(words, control);
    bar.append(label);
    return control;
  }

  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  function choice(name, text, options) {
    const select = document.createElement("select");
    select.name = name;
    for (const [value, words] of options) select.append(new Option(words, value));
    return labelled(text, select);
  }

  const words = document.createElement("input");
  words.type = "search";
  words.name = "q";
  words.autocomplete = "off";
  labelled("With the words", words);

  const facets = [];
  if (groups.length > 1) {
    const options = [["", "All"], ...groups.map((group) => [group.id, titleOf(group)])];
    facets.push([choice("section", figures ? "Chapter" : "Section", options), (row) => groupOf(row)?.id]);
  }
  for (const key of new Set(rows.flatMap((row) => Object.keys(row.dataset)))) {
    const values = [...new Set(rows.map((row) => row.dataset[key]).filter(Boolean))].sort();
    if (key === "date" || values.length < 2 || values.length > 12) continue;
    const options = [["", "All"], ...values.map((value) => [value, capital(value)])];
    facets.push([choice(key, capital(key), options), (row) => row.dataset[key]]);
  }

  const orders = { "": "As printed", name: "By name" };
  if (rows.some(dateOf)) Object.assign(orders, { newest: "Newest first", oldest: "Oldest first" });
  const order = choice("sort", "Order", Object.entries(orders));
  const compare = {
    name: (a, b) => nameOf(a).localeCompare(nameOf(b), "en"),
    newest: (a, b) => (dateOf(a) < dateOf(b) ? 1 : dateOf(a) > dateOf(b) ? -1 : 0),
    oldest: (a, b) => (dateOf(a) || "9999").localeCompare(dateOf(b) || "9999", "en"),
  };

  const count = document.createElement("p");
  count.className = "filter-count";
  count.setAttribute("role", "status");
  const all = document.createElement("button");
  all.type = "button";
  all.textContent = "Reset";
  bar.append(count, all);

  const room = document.querySelector(".filter-room");
  if (room) room.replaceWith(bar);
  else (groups[0] ?? rows[0]).before(bar);
  const flat = document.createElement(figures ? "ul" : "div");
  flat.className = figures ? "filter-flat gallery" : "filter-flat";
  bar.after(flat);
  const places = rows.map((row) => row.parentElement);

  function arrange() {
    // From the first to the last, each goes back to the end of its group: the order as printed.
    if (order.value) flat.append(...[...rows].sort(compare[order.value]));
    else if (flat.childElementCount) rows.forEach((row, index) => places[index].append(row));
  }

  function filter() {
    const wanted = fold(words.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const group = places[index].closest("section[id]");
      const fits =
        wanted.every((word) => texts[index].includes(word)) &&
        facets.every(([select, of]) => {
          if (!select.value) return true;
          return (select.name === "section" ? group?.id : of(row)) === select.value;
        });
      row.hidden = !fits;
      shown += fits;
    });
    for (const group of groups) {
      group.hidden =
        Boolean(order.value) || rows.every((row, i) => row.hidden || !group.contains(places[i]));
    }
    const whole = shown === rows.length;
    count.textContent = whole ? `${rows.length} entries` : `${shown} of ${rows.length} entries`;
    if (!shown) count.textContent = "No entry has all of this";
    all.hidden = whole && !order.value;
  }

  function remember() {
    const state = new URLSearchParams();
    for (const control of bar.elements) {
      if (control.name && control.value) state.set(control.name, control.value);
    }
    const query = state.toString();
    try {
      history.replaceState(null, "", query ? `?${query}` : location.pathname + location.hash);
    } catch {
      /* Some browsers keep the addresses of files as they are. */
    }
  }

  function recall() {
    const state = new URLSearchParams(location.search);
    for (const control of bar.elements) {
      if (control.name) control.value = state.get(control.name) ?? "";
      if (control.selectedIndex === -1) control.value = "";
    }
  }

  function update() {
    arrange();
    filter();
    remember();
  }

  function showAll() {
    for (const control of bar.elements) control.value = "";
    update();
  }

  // A link to a row shows it, whatever the filter says.
  function showTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = target?.closest(kinds) ?? target;
    if (!row || !(row.hidden || row.closest("section[hidden]"))) return;
    showAll();
    target.scrollIntoView();
  }

  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.addEventListener("input", update);
  all.addEventListener("click", () => {
    showAll();
    words.focus();
  });
  window.addEventListener("hashchange", showTarget);
  recall();
  arrange();
  filter();
  showTarget();
})();
