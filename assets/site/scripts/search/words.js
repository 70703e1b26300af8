/* Text as words to find. Documents and queries go the same way, so that they meet.
 *
 * Latin words lose case, accents, apostrophes and the s of a plural: “sŏngbun” is “songbun”. A word
 * with hyphens is found whole and in parts. Numbers lose their commas. Korean has no spaces that a
 * search could rely on, so every two neighbouring syllables are a word, and so is the last one.
 */
const searchWords = (() => {
  "use strict";

  const WORD = new RegExp(
    [
      "[가-힣]+",
      "\\d{1,3}(?:[,\\u00a0\\u2009\\u202f]\\d{3})+(?!\\d)(?:\\.\\d+)?",
      "\\d+\\.\\d+",
      "(?:(?![가-힣ㄱ-ㆎ])[\\p{L}\\p{N}]\\p{M}*)+(?:['’‘ʼ][\\p{L}\\p{M}]+)*",
    ].join("|"),
    "gu",
  );
  const HANGUL = /^[가-힣]/;
  const HYPHEN = /^[-‐‑]$/;
  const FREQUENT = new Set(
    "a an and are as at be by for from has have in is it its of on or that the this to was were with"
      .split(" "),
  );

  // The “S stemmer” (Harman 1991): camps and camp, countries and country, 1990s and 1990.
  const singular = (word) => {
    if (/^\d+s$/.test(word)) return word.slice(0, -1);
    if (word.length < 4 || !word.endsWith("s") || /[ius]s$/.test(word)) return word;
    if (/[^ae]ies$/.test(word)) return word.slice(0, -3) + "y";
    return word.slice(0, -1);
  };

  // Most words of a book come back often.
  const folded = new Map();
  function fold(text) {
    let term = folded.get(text);
    if (term === undefined) {
      const bare = text.normalize("NFD").replace(/[\p{M}'’‘ʼ,\u00a0\u2009\u202f]/gu, "");
      term = singular(bare.normalize("NFC").toLowerCase());
      folded.set(text, term);
    }
    return term;
  }

  /* Every word of a text with its place: { term, start, end }, and `parts` for one with hyphens. */
  function split(text) {
    const words = [];
    let parts = [];
    const close = () => {
      if (parts.length > 1) {
        const term = parts.map((part) => part.term).join("");
        words.push({ term, start: parts[0].start, end: parts.at(-1).end, parts });
      } else words.push(...parts);
      parts = [];
    };
    for (const match of text.matchAll(WORD)) {
      const [found] = match;
      const start = match.index;
      const end = start + found.length;
      const hangul = HANGUL.test(found);
      if (parts.length && (hangul || !HYPHEN.test(text.slice(parts.at(-1).end, start)))) close();
      if (!hangul) parts.push({ term: fold(found), start, end });
      for (let at = start; hangul && at < end; at += 1) {
        const stop = Math.min(at + 2, end);
        words.push({ term: text.slice(at, stop), start: at, end: stop, hangul });
      }
    }
    close();
    return words;
  }

  /* The words of a text as MiniSearch takes them, without those that are in every text. */
  function tokenize(text) {
    const terms = [];
    for (const word of split(text)) {
      if (word.parts) terms.push(...word.parts.map((part) => part.term));
      if (!FREQUENT.has(word.term)) terms.push(word.term);
    }
    return terms;
  }

  return { split, tokenize, isFrequent: (term) => FREQUENT.has(term) };
})();
