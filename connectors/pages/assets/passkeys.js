// Makes a passkey, or confirms with one: a form with data-create asks for a new one, one with data-challenge for
// a confirmation by an earlier one. What the device answers goes into the form's own fields.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const b64u = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function create(form) {
  const asked = JSON.parse(form.dataset.create);
  asked.challenge = bytes(asked.challenge);
  asked.user.id = bytes(asked.user.id);
  for (const known of asked.excludeCredentials) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey: asked });
  form.elements.answer.value = JSON.stringify({
    id: made.id, rawId: b64u(made.rawId), type: made.type, clientExtensionResults: {},
    response: { clientDataJSON: b64u(made.response.clientDataJSON), attestationObject: b64u(made.response.attestationObject) },
  });
}

async function confirm(form) {
  const found = await navigator.credentials.get({ publicKey: {
    challenge: bytes(form.dataset.challenge),
    rpId: form.dataset.rp,
    allowCredentials: JSON.parse(form.dataset.credentials).map((id) => ({ type: "public-key", id: bytes(id) })),
    userVerification: "required",
  } });
  form.elements.credential.value = b64u(found.rawId);
  form.elements.client_data.value = b64u(found.response.clientDataJSON);
  form.elements.authenticator_data.value = b64u(found.response.authenticatorData);
  form.elements.signature.value = b64u(found.response.signature);
}

for (const form of document.querySelectorAll("form[data-create], form[data-challenge]")) {
  const trouble = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.textContent = "";
    if (!window.PublicKeyCredential) { trouble.textContent = form.dataset.unable; return; }
    try {
      await (form.dataset.create ? create(form) : confirm(form));
      form.submit();
    } catch (error) {
      trouble.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.cancelled;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  });
}
