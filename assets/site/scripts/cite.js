/* A citation ends with the address at which the page is read, which no build knows beforehand. */
(() => {
  "use strict";

  function addAddress() {
    // A file on a stick has no address that another reader could follow.
    if (!location.protocol.startsWith("http")) return;
    const address = location.origin + location.pathname;
    for (const text of document.querySelectorAll(".cite-text")) text.append(` ${address}`);
    for (const code of document.querySelectorAll(".cite pre code")) {
      code.textContent = code.textContent.replace(/\n}\s*$/, `,\n  url = {${address}}\n}`);
    }
  }

  addAddress();
})();
