/* Keeps the book on the reader's device, where it opens without a connection.
 *
 * Online, the network has the first word, so nobody reads an old page. One cache holds one edition
 * and nothing else: a file goes in only if its bytes are those that the edition lists. So a new
 * edition on the server, a download that broke off or a page that a network put in between never
 * mixes with what is kept. EDITION comes from `site/offline.py`.
 */
"use strict";

const SCOPE = self.registration.scope;
const LIST = "assets/edition.json";
// Other books of the same host have caches of their own.
const FAMILY = `book ${SCOPE} `;
const CACHE = FAMILY + EDITION.version;
// How long to wait, in milliseconds, for a page that is kept and can be shown at once.
const PATIENCE = 4000;
// Windows whose page came from the cache: all it loads comes from there, too.
const offline = new Set();

const at = (path) => SCOPE + path.split("/").map(encodeURIComponent).join("/");
const kept = async (path, name = CACHE) => (await caches.open(name)).match(at(path));

async function digest(bytes) {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(hash.slice(0, 8))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

/* The files of an edition: hash and size by path, and the few to begin with. */
async function listed(name = CACHE) {
  const list = await kept(LIST, name);
  return list ? list.json() : { files: {}, shell: [] };
}

/* The path in the list of what an address asks for; hosts may leave out index.html and .html. */
function pathOf(address, files) {
  const path = decodeURIComponent(new URL(address).pathname.slice(new URL(SCOPE).pathname.length));
  const names = [path, `${path}index.html`, `${path}.html`];
  return names.find((name) => name in files) ?? path;
}

const bare = (bytes, type) => new Response(bytes, { headers: { "Content-Type": type ?? "" } });

/* Put a response into the cache, if it is what the edition lists; whether it is there now. */
async function keep(path, response, { files }) {
  const bytes = await response.arrayBuffer();
  if (!response.ok || (await digest(bytes)) !== files[path]?.[0]) return false;
  const cache = await caches.open(CACHE);
  // A response that was redirected could not answer for a page: the bytes can.
  await cache.put(at(path), bare(bytes, response.headers.get("Content-Type")));
  return true;
}

async function obtain(path, list) {
  if (await kept(path)) return true;
  return keep(path, await fetch(at(path), { cache: "no-cache" }), list);
}

/* An edition takes over when it has all that the one before it had, or not at all. */
async function install() {
  const bytes = await (await fetch(at(LIST), { cache: "no-store" })).arrayBuffer();
  if ((await digest(bytes)) !== EDITION.list) throw new Error("The list is of another edition");
  await (await caches.open(CACHE)).put(at(LIST), bare(bytes, "application/json"));
  const list = await listed();
  const wanted = new Set(list.shell);
  for (const name of await earlier()) {
    const before = await listed(name);
    const had = await held(name, before);
    const whole = had.length > 0 && had.length === Object.keys(before.files).length;
    for (const path of whole ? Object.keys(list.files) : had) {
      if (path in list.files) wanted.add(path);
    }
    for (const path of had.filter((one) => before.files[one][0] === list.files[one]?.[0])) {
      await (await caches.open(CACHE)).put(at(path), await kept(path, name));
    }
  }
  for (const path of wanted) {
    if (!(await obtain(path, list))) throw new Error(`${path} is of another edition`);
  }
}

const earlier = async () =>
  (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);

/* The files of an edition that are on this device. */
async function held(name, list) {
  const requests = await (await caches.open(name)).keys();
  const paths = new Set(requests.map((request) => pathOf(request.url, list.files)));
  return Object.keys(list.files).filter((path) => paths.has(path));
}

self.addEventListener("install", (event) => {
  const attempt = install().then(
    () => self.skipWaiting(),
    async (error) => {
      await caches.delete(CACHE);
      throw error;
    },
  );
  event.waitUntil(attempt);
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    await Promise.all((await earlier()).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

const patient = (answer) =>
  Promise.race([
    answer,
    new Promise((_, refuse) => setTimeout(() => refuse(new Error("Too slow")), PATIENCE)),
  ]);

/* What is known of a request: the edition's list, the path in it, and the copy that is kept. */
async function known(request) {
  try {
    const list = await listed();
    const path = pathOf(request.url, list.files);
    return { list, path, copy: await kept(path) };
  } catch {
    // Nothing is kept where storage is refused; reading goes on.
    return { list: { files: {} }, path: "" };
  }
}

async function answer(event) {
  const { request } = event;
  const { list, path, copy } = await known(request);
  const page = request.mode === "navigate";
  if (copy && offline.has(event.clientId)) return copy;
  try {
    const response = await (copy && page ? patient(fetch(request)) : fetch(request));
    if (!copy && path in list.files) {
      // Online reading never waits for this, and does not fail where there is no room.
      event.waitUntil(keep(path, response.clone(), list).catch(() => {}));
    }
    return response;
  } catch (error) {
    if (copy && page) offline.add(event.resultingClientId);
    if (copy) return copy;
    if (page) return Response.redirect(at("offline.html"));
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(SCOPE)) return;
  if (request.headers.has("range")) return;
  event.respondWith(answer(event));
});

/* What pages may ask. */
const ANSWERS = {
  /* Which files are not here yet, and how large the book is. */
  async state() {
    const list = await listed();
    const here = new Set(await held(CACHE, list));
    const paths = Object.keys(list.files);
    const size = paths.reduce((sum, path) => sum + list.files[path][1], 0);
    return { size, count: paths.length, missing: paths.filter((path) => !here.has(path)) };
  },
  async keep({ path }) {
    return obtain(path, await listed());
  },
  /* The page that was loaded before there was a worker, with its pictures. */
  async read({ addresses }) {
    const list = await listed();
    for (const address of addresses.filter((one) => one.startsWith(SCOPE))) {
      const path = pathOf(address, list.files);
      if (path in list.files) await obtain(path, list);
    }
  },
  /* Leave only what every reader has. */
  async forget() {
    const list = await listed();
    const cache = await caches.open(CACHE);
    const extra = (await held(CACHE, list)).filter((path) => !list.shell.includes(path));
    await Promise.all(extra.map((path) => cache.delete(at(path))));
  },
};

self.addEventListener("message", (event) => {
  const reply = async () => {
    const result = await ANSWERS[event.data.ask]?.(event.data).catch(() => null);
    event.ports[0]?.postMessage(result ?? null);
  };
  event.waitUntil(reply());
});
