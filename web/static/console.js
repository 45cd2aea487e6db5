// Small helps on top of pages that work without them. Everything here is found by data-attributes.

const KEYS_OFF = "console-keys-off";

const areKeysOff = () => localStorage.getItem(KEYS_OFF) === "1";
const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
document.querySelector("[data-trouble]")?.focus();

// A second click on the same button sends nothing more; the page that comes back is a new one.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
  });
}
// Back in the history the page may come out of memory as it was when it was sent.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// A click on a row opens it; a click on what is in it, or words that are being marked, do not.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (row === null || event.target.closest("a, button, input, summary, label")) return;
  if (String(getSelection()) !== "") return;
  if (event.ctrlKey || event.metaKey) open(row.dataset.href);
  else location.assign(row.dataset.href);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  if (event.target.closest("a[data-keys]") && showKeys()) event.preventDefault();
});

function showKeys() {
  const dialog = document.getElementById("keys");
  dialog?.showModal();
  return dialog !== null;
}

for (const box of document.querySelectorAll("[data-keys-off]")) {
  box.checked = areKeysOff();
  box.addEventListener("change", () => localStorage.setItem(KEYS_OFF, box.checked ? "1" : "0"));
}

function moveInList(step) {
  const links = [...document.querySelectorAll(".list tbody .first a")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
}

const ACTS = {
  "/": () => document.querySelector("main [role=search] input:not([type=hidden])")?.select(),
  "j": () => moveInList(1),
  "k": () => moveInList(-1),
  "n": () => document.querySelector("a[rel=next]")?.click(),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || areKeysOff()) return;
  const act = ACTS[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
