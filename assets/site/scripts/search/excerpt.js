/* Shows a text with the words that were found in it, whole or the part that has most of them. */
const searchExcerpt = (() => {
  "use strict";

  const LENGTH = 190;
  const BEFORE = 60;
  const KOREAN = /([가-힣]+(?:\s[가-힣]+)*)/;

  /* Text as nodes, its Korean marked as Korean for the voice of a screen reader. */
  const speak = (text) =>
    text.split(KOREAN).map((part, index) => {
      if (index % 2 === 0) return part;
      const span = document.createElement("span");
      span.lang = "ko";
      span.textContent = part;
      return span;
    });

  /* Where terms stand in a text: [start, end], in order and apart. */
  function find(text, terms) {
    const places = [];
    const look = ({ term, start, end, parts = [] }) => {
      parts.forEach(look);
      if (!terms.has(term)) return;
      const last = places.at(-1);
      if (last && start < last[1]) places[places.length - 1] = [last[0], Math.max(last[1], end)];
      else places.push([start, end]);
    };
    for (const word of searchWords.split(text)) look(word);
    return places;
  }

  /* A stretch of the text, between spaces, in which most different words were found. */
  function choose(text, places) {
    if (text.length <= LENGTH) return [0, text.length];
    let best = 0;
    let most = 0;
    for (const [place] of places) {
      const start = Math.max(0, place - BEFORE);
      const inside = places.filter(([from, to]) => from >= start && to <= start + LENGTH);
      const different = new Set(inside.map(([from, to]) => text.slice(from, to).toLowerCase()));
      if (different.size > most) [best, most] = [start, different.size];
    }
    const start = best && text.indexOf(" ", best) + 1;
    const end = start + LENGTH;
    return [start, end < text.length ? text.lastIndexOf(" ", end) : text.length];
  }

  function mark(text, places, start, end) {
    const nodes = [];
    let at = start;
    for (const [from, to] of places) {
      if (from < at || to > end) continue;
      const found = document.createElement("mark");
      found.append(...speak(text.slice(from, to)));
      nodes.push(...speak(text.slice(at, from)), found);
      at = to;
    }
    return [...nodes, ...speak(text.slice(at, end))];
  }

  const whole = (text, terms) => mark(text, find(text, terms), 0, text.length);

  function part(text, terms) {
    const places = find(text, terms);
    const [start, end] = choose(text, places);
    const nodes = mark(text, places, start, end);
    return [start ? "… " : "", ...nodes, end < text.length ? " …" : ""];
  }

  return { whole, part };
})();
