// Sheets and questions as <dialog>: over their phone, closed by Esc, by a tap beside, by a button.

import { closeOnBack } from "./back.js";
import { button, h, icon } from "./dom.js";

/** The place of the phone, so that its sheets stand on it and not in the middle of the page. */
function standOver(dialog, phone) {
  const frame = (phone?.querySelector(".screen") ?? document.documentElement).getBoundingClientRect();
  dialog.style.setProperty("--sheet-left", `${frame.left}px`);
  dialog.style.setProperty("--sheet-width", `${frame.width}px`);
  dialog.style.setProperty("--sheet-below", `${Math.max(0, innerHeight - frame.bottom)}px`);
  dialog.style.setProperty("--sheet-height", `${Math.min(frame.height, innerHeight)}px`);
}

/**
 * Open a sheet. `fill(close)` gives its content; `close(value)` ends it. Resolves to that value,
 * or undefined where somebody has left it.
 */
export function openSheet({ title, phone = null, kind = "sheet" }, fill) {
  return new Promise((resolve) => {
    let answer;
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    const name = h("h2", { id: `sheet-${crypto.randomUUID?.() ?? Math.random()}` }, title);
    const dialog = h("dialog", { class: kind, "aria-labelledby": name.id },
      h("header", {}, name, button(icon("close"), () => close(undefined), { class: "round", "aria-label": "关闭" })),
      h("div", { class: "sheet-body" }, fill(close)));
    const place = () => standOver(dialog, phone);
    dialog.addEventListener("click", (event) => event.target === dialog && close(undefined));
    const left = closeOnBack(() => close(undefined));
    dialog.addEventListener("close", () => {
      left();
      removeEventListener("resize", place);
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    place();
    addEventListener("resize", place);
    dialog.showModal();
  });
}

/** A question with two answers, in the middle of the page; true for yes. `words`: a paragraph each. */
export async function askYes({ title, words, yes, no = "不了" }) {
  return (await openSheet({ title, kind: "question" }, (close) => [
    ...[words].flat().map((one) => h("p", {}, one)),
    h("div", { class: "buttons" }, button(no, () => close(false), { class: "plain", autofocus: true }),
      button(yes, () => close(true), { class: "main danger" })),
  ])) === true;
}

let timer = 0;

/** A short line on top of all, sheets too, that goes by itself. */
export function say(words) {
  const place = document.getElementById("said");
  if (place.matches(":popover-open")) place.hidePopover();
  place.textContent = words;
  place.showPopover();
  clearTimeout(timer);
  timer = setTimeout(() => {
    place.hidePopover();
    place.textContent = "";
  }, 7000);
}
