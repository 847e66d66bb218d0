// Asks the passkey to confirm the text on this page. The challenge is computed here, from the characters that the
// reader can see, so that a server cannot have something else signed than what it shows.
const PREFIX = new TextEncoder().encode("accord/consent/1\0");
const form = document.getElementById("confirm");
const trouble = document.getElementById("trouble");

const b64u = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function challenge() {
  const shown = new TextEncoder().encode(document.getElementById("document").textContent);
  const whole = new Uint8Array(PREFIX.length + shown.length);
  whole.set(PREFIX);
  whole.set(shown, PREFIX.length);
  return crypto.subtle.digest("SHA-256", whole);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.textContent = "";
  if (!window.PublicKeyCredential) { trouble.textContent = form.dataset.unable; return; }
  try {
    const found = await navigator.credentials.get({ publicKey: {
      challenge: await challenge(),
      rpId: form.dataset.rp,
      allowCredentials: JSON.parse(form.dataset.credentials).map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
    } });
    form.elements.credential.value = b64u(found.rawId);
    form.elements.client_data.value = b64u(found.response.clientDataJSON);
    form.elements.authenticator_data.value = b64u(found.response.authenticatorData);
    form.elements.signature.value = b64u(found.response.signature);
    form.submit();
  } catch {
    trouble.textContent = form.dataset.cancelled;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});
