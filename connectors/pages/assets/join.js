// A link with a code ends in #CODE. What stands behind # is never sent to a server, so it is in no log and no
// history of ours; from here it goes into the field, and into this window's own memory until it is sent: somebody
// who signs in first, changes the language or reloads the page still has it. Signing out forgets it.
const KEPT = "code";
const given = read(location.hash.slice(1));
if (given) {
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, "", location.pathname + location.search);
}
const field = document.getElementById("code");
const kept = sessionStorage.getItem(KEPT);
if (document.querySelector("[data-forget-code]")) sessionStorage.removeItem(KEPT);
if (field) {
  if (kept && !field.value) field.value = kept;
  field.form.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
}

function read(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}
