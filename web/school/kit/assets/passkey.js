// Passkeys: a form with data-passkey asks the browser for one and sends its
// answer. Where the browser has none, the form stays hidden.

const ways = { get: "parseRequestOptionsFromJSON", create: "parseCreationOptionsFromJSON" };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const way = form.dataset.passkey;
  if (!window.PublicKeyCredential?.[ways[way]]) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value) return;
    event.preventDefault();
    try {
      const publicKey = PublicKeyCredential[ways[way]](JSON.parse(form.dataset.options));
      const answer = await navigator.credentials[way]({ publicKey });
      form.elements.passkey.value = JSON.stringify(answer.toJSON());
      const shared = document.querySelector("#shared"); // said once, for whichever way
      if (shared?.checked) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "shared", value: "yes" }));
      form.submit();
    } catch {
      form.querySelector("[data-fault]").hidden = false; // turned down, or none here
    }
  });
}
