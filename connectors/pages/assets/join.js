// A link with a code ends in #CODE. What stands behind # is never sent to a server, so it is in no log and no
// history of ours; from here it goes into the field, or into this window's own memory while somebody signs in.
const KEPT = "code";
const given = decodeURIComponent(location.hash.slice(1));
if (given) {
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, "", location.pathname + location.search);
}
const field = document.getElementById("code");
const kept = sessionStorage.getItem(KEPT);
if (field && kept) {
  sessionStorage.removeItem(KEPT);
  if (!field.value) field.value = kept;
}
