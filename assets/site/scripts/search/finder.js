/* Finds documents with MiniSearch: all words first, then nearly the same words, then some of them. */
const searchFinder = (() => {
  "use strict";

  const STEP = 120;

  /* The documents as they were before words were packed as letters. */
  function unpack(data) {
    const words = data.words.split("|");
    const letters = new Map([...data.letters].map((letter, index) => [letter, words[index]]));
    const full = (text) => text.replace(/[\u00a1-\u058f]/g, (one) => letters.get(one) ?? one);
    const listed = ([values, numbers]) => numbers.map((number) => values[number]);
    const places = [data.places[0].map(full), data.places[1]];
    const columns = {
      kind: listed(data.kinds),
      page: listed(data.pages),
      place: listed(places),
      fragment: data.fragments.map(full),
      title: data.titles.map(full),
      text: data.texts.map(full),
      quoted: data.quoted.map(full),
    };
    return columns.title.map((_, id) => {
      const one = { id };
      for (const [name, column] of Object.entries(columns)) one[name] = column[id];
      return one;
    });
  }

  /* MiniSearch's query for the words of a text; null where none is worth a search. */
  function query(text, similar) {
    const all = searchWords.split(text);
    // The last syllable of Korean is a word only when it is alone.
    const words = all.filter(
      (word, index) =>
        !(word.hangul && word.term.length === 1 && all[index - 1]?.end === word.end) &&
        !searchWords.isFrequent(word.term),
    );
    const one = (word) => {
      if (word.hangul) return { queries: [word.term], prefix: word.term.length === 1 };
      const number = /^\d/.test(word.term);
      const query = {
        queries: [word.term],
        // “Kim Jong-un” does not mean “under”.
        prefix: word.term.length > 2 || (word.term.length > 1 && words.length === 1),
        fuzzy: similar && !number && word.term.length > 3 ? 0.2 : false,
      };
      if (!word.parts) return query;
      const parts = { combineWith: "AND", queries: word.parts.map(one) };
      return { combineWith: "OR", queries: [query, parts] };
    };
    return words.length ? words.map(one) : null;
  }

  async function build(data) {
    const documents = unpack(data);
    const index = new MiniSearch({
      fields: ["title", "place", "text", "quoted"],
      tokenize: searchWords.tokenize,
      processTerm: (term) => term,
      searchOptions: {
        boost: { title: 4, place: 0.5 },
        // The query is split already.
        tokenize: (term) => [term],
      },
    });
    // In small steps, so that the reader can type meanwhile.
    await index.addAllAsync(documents, { chunkSize: STEP });

    /* What a text finds, best first: { how, hits }, and each hit is { document, terms }. `how` is
     * "all" or "similar" when hits have all the words or nearly, else "some" or "none". */
    const find = (text) => {
      for (const [how, combineWith] of [
        ["all", "AND"],
        ["similar", "AND"],
        ["some", "OR"],
      ]) {
        const queries = query(text, how !== "all");
        if (!queries) break;
        const results = index.search({ combineWith, queries });
        if (results.length) {
          const hits = results.map(({ id, terms }) => ({
            document: documents[id],
            terms: new Set(terms),
          }));
          return { how, hits };
        }
      }
      return { how: "none", hits: [] };
    };
    find.kinds = data.kinds[0];
    return find;
  }

  return { build };
})();
