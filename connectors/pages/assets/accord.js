// What the pages do beyond plain forms: the design system's own behaviour, and live updates. Everything works
// without this file, except confirming with a passkey (passkeys.js).
import { ExitThisPage, initAll } from "./govuk/govuk-frontend.min.js";

// Whoever leaves quickly must not be found by the way back: the page gives up its place in the browser's history,
// and the session ends, so that the pages before it show no more than the sign-in. This stands in the place of
// what the design system does when the button is used, or Shift is pressed three times.
ExitThisPage.prototype.exitPage = function leave() {
  document.body.classList.add("govuk-exit-this-page-hide-content");
  const overlay = document.createElement("div");
  overlay.className = "govuk-exit-this-page-overlay";
  overlay.setAttribute("role", "alert");
  document.body.append(overlay);
  overlay.textContent = this.i18n.t("activated");
  const signOut = document.querySelector("form[action$='/sign-out']");
  if (signOut) fetch(signOut.action, { method: "POST", body: new FormData(signOut), keepalive: true }).catch(() => {});
  location.replace(this.$button.href);
};
initAll();

// An element with data-live shows what is new: the server sends only that something is, and the reader decides
// whether to load it, so that nothing moves under the hands of somebody who reads or types.
for (const place of document.querySelectorAll("[data-live]")) {
  const show = () => { place.hidden = false; };
  const poll = () => setInterval(async () => {
    const answer = await fetch(place.dataset.live, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).latest > Number(place.dataset.seen)) show();
  }, 15000);
  if (!window.EventSource) { poll(); continue; }
  let failures = 0;
  const source = new EventSource(`${place.dataset.live}&seen=${place.dataset.seen}`);
  source.addEventListener("new", show);
  source.addEventListener("poll", () => { source.close(); poll(); });
  addEventListener("pagehide", () => source.close());
  source.addEventListener("open", () => { failures = 0; });
  source.addEventListener("error", () => { if (++failures >= 3) { source.close(); poll(); } });
}
