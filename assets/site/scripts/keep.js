/* The offer to keep the whole book on this device, and to take it off again. See worker.js. */
(() => {
  "use strict";

  const AT_ONCE = 4;

  const ask = (worker, question) =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (event) => resolve(event.data);
      worker.postMessage(question, [port2]);
    });

  const sizeText = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

  async function offerToKeep(place) {
    const button = place.querySelector("button");
    const bar = place.querySelector("progress");
    const note = place.querySelector("[role=status]");
    const container = navigator.serviceWorker;
    const active = async () => (await container.ready).active;

    async function show(words) {
      const state = await ask(await active(), { ask: "state" });
      if (!state?.count) return;
      const whole = !state.missing.length;
      place.dataset.state = whole ? "kept" : "offered";
      button.textContent = whole
        ? "Remove it from this device"
        : `Keep the whole book on this device (${sizeText(state.size)})`;
      note.textContent =
        words ?? (whole ? "The whole book is on this device and opens without a connection." : "");
      bar.hidden = true;
      button.disabled = false;
      place.hidden = false;
    }

    async function keepAll() {
      // The browser may then keep it for longer; nobody has to wait for its answer.
      navigator.storage?.persist?.().catch(() => {});
      const worker = await active();
      const { count, missing } = await ask(worker, { ask: "state" });
      const left = [...missing];
      let failed = 0;
      place.dataset.state = "keeping";
      bar.max = count;
      bar.hidden = false;
      note.textContent = "Keeping the book…";
      const fetchNext = async () => {
        for (let path = left.shift(); path; path = left.shift()) {
          bar.value = count - left.length;
          if (!(await ask(worker, { ask: "keep", path }))) failed += 1;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
      if (failed) (await container.ready).update().catch(() => {});
      await show(
        failed
          ? `${failed} of ${count} files could not be kept. With a connection, try again in a moment.`
          : undefined,
      );
    }

    button.addEventListener("click", async () => {
      const whole = place.dataset.state === "kept";
      button.disabled = true;
      if (whole) {
        await ask(await active(), { ask: "forget" });
        await show("The book was removed from this device.");
      } else {
        await keepAll();
      }
      button.focus();
    });
    container.addEventListener("controllerchange", () => {
      if (place.dataset.state !== "keeping") show();
    });
    await show();
  }

  const place = document.querySelector(".keep");
  if (place && "serviceWorker" in navigator && location.protocol.startsWith("http")) {
    offerToKeep(place);
  }
})();
