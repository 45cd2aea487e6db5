// The phone's camera. There is none: one says before which class screen one stands.

import * as door from "./api.js";
import { button, h } from "./dom.js";
import { openSheet, say } from "./dialogs.js";

const QR = /^\s*zpt:([0-9a-f-]{36}):([0-9]{6})\s*$/i;

/** {session_id, code} of what a QR code says, or null. */
export function readQr(text) {
  const found = QR.exec(text);
  return found && { session_id: found[1].toLowerCase(), code: found[2] };
}

const NO_CODE = "这不是签到的二维码。它里面的字像 zpt:…:482913。";

/** Resolves to {about, session_id, code}, or undefined. */
export const scanScreen = (phone) => openCamera(phone, readQr, NO_CODE);

/** WeChat's own camera, which a menu opens: it reads any code, and leaves it to the account what it
 * is. Resolves to {about, result}, or undefined. */
export const scanAnything = (phone) =>
  openCamera(phone, (text) => (text.trim() ? { result: text.trim() } : null), "二维码里的字还没写。");

function openCamera(phone, take, refusal) {
  return openSheet({ title: "扫一扫", phone }, (close) => {
    const list = h("ul", { class: "rows", "aria-live": "polite" });
    draw(list, take, close);
    const paste = (event) => {
      event.preventDefault();
      const taken = take(event.target.querySelector("input").value);
      if (taken) close({ about: "贴上的二维码", ...taken });
      else say(refusal);
    };
    return [
      h("p", { class: "soft" }, "这里没有摄像头。您站在哪块大屏前面就点哪块，读的是它这一刻的二维码，和另一个窗口里的大屏一样。"),
      list,
      h("form", { class: "inline", onsubmit: paste },
        h("label", {}, "或者贴上二维码里的字", h("input", { placeholder: "zpt:…", maxlength: 1000, autocomplete: "off", spellcheck: "false" })),
        h("button", { class: "plain" }, "读出来")),
    ];
  });
}

async function draw(list, take, close) {
  let screens;
  try {
    screens = await door.readScreens();
  } catch (error) {
    list.replaceChildren(h("li", {}, h("p", { class: "soft" }, error.message)));
    return;
  }
  if (!screens.length) {
    list.replaceChildren(h("li", {}, h("p", { class: "soft" }, "现在没有一节课在签到的时间里，哪里也没有大屏。")));
    return;
  }
  list.replaceChildren(...screens.map((screen) => h("li", {}, button(
    [h("strong", {}, screen.title), h("span", { class: "soft" }, screen.topic || "大屏开着")],
    () => read(screen, take, close), { class: "row-button" }))));
}

/** What stands on the screen by now: the code may have changed since the list was drawn. */
async function read(screen, take, close) {
  try {
    const screens = await door.readScreens();
    const now = screens.find((one) => one.session_id === screen.session_id);
    const taken = now && take(now.qr);
    if (taken) close({ about: screen.title, ...taken });
    else say("这块大屏刚刚关了，签到的时间过了。");
  } catch (error) {
    say(error.message);
  }
}
