// The bar below a chat: the menu of three, the input, and the panel behind the plus.

import { button, h, icon } from "./dom.js";

const below = (entry) => (Array.isArray(entry.sub_button) ? entry.sub_button : entry.sub_button?.list ?? []);

/** After a send the plus stands where the finger was: what comes so soon is a second tap, no wish. */
const SETTLE_MS = 500;

export class Bar {
  /** `means`: say(text, tell), press(path, entry), open(name) for what the panel holds, follow(). */
  constructor(means) {
    this.means = means;
    this.typing = false;
    this.written = "";
    this.sentAt = -Infinity;
    this.menu = null;
    this.element = h("div", { class: "bar" });
  }

  /** Draw anew only when something of it has changed: the input keeps its words and its cursor. */
  update({ menu, followed }) {
    const written = JSON.stringify([menu, followed]);
    if (written === this.written) return;
    this.written = written;
    this.menu = menu?.button?.length ? menu : null;
    if (!followed) this.element.replaceChildren(this.#drawFollow());
    else this.#draw();
  }

  closeAll() {
    for (const one of this.element.querySelectorAll("[aria-expanded=true]")) one.click();
  }

  #draw() {
    this.element.replaceChildren(...(this.menu && !this.typing ? [this.#drawMenu()] : this.#drawInput()));
  }

  #turn(typing) {
    this.typing = typing;
    this.#draw();
    (typing ? this.element.querySelector("textarea") : this.element.querySelector("button")).focus();
  }

  #drawFollow() {
    return h("div", { class: "bar-row" }, button("关注", () => this.means.follow(), { class: "main wide" }));
  }

  #drawMenu() {
    return h("div", { class: "bar-row menu" },
      button(icon("keyboard"), () => this.#turn(true), { class: "round", "aria-label": "打字" }),
      h("ul", { class: "menu-three" }, this.menu.button.map((entry, index) => this.#drawEntry(entry, index))));
  }

  #drawEntry(entry, index) {
    const entries = below(entry);
    if (!entries.length) return h("li", {}, button(entry.name, () => this.means.press([index], entry), { class: "menu-button" }));
    const list = h("ul", { class: "submenu", hidden: true }, entries.map((one, place) => h("li", {}, button(one.name, () => {
      open(false);
      this.means.press([index, place], one);
    }, { class: "menu-button" }))));
    const top = button([icon("menu"), entry.name], () => open(list.hidden), { class: "menu-button", "aria-expanded": "false" });
    const open = (wanted) => {
      if (wanted) this.closeAll();
      list.hidden = !wanted;
      top.setAttribute("aria-expanded", String(wanted));
    };
    const item = h("li", { onkeydown: (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      open(false);
      top.focus();
    } }, top, list);
    return item;
  }

  #drawInput() {
    const panel = this.#drawPanel();
    const plus = button(icon("plus"), () => {
      if (performance.now() - this.sentAt < SETTLE_MS) return;
      panel.hidden = !panel.hidden;
      plus.setAttribute("aria-expanded", String(!panel.hidden));
    }, { class: "round", "aria-label": "更多", "aria-expanded": "false" });
    const send = button("发送", () => this.#send(input), { class: "main send", hidden: true });
    const note = h("p", { class: "input-note", role: "status", hidden: true });
    this.tell = (words) => {
      note.textContent = words;
      note.hidden = !words;
    };
    const grow = () => {
      input.style.setProperty("height", "auto");
      input.style.setProperty("height", `${input.scrollHeight + 2}px`);
      send.hidden = !input.value.trim();
      plus.hidden = !send.hidden;
    };
    const input = h("textarea", { rows: 1, "aria-label": "写给公众号", placeholder: "打字就行", enterkeyhint: "send",
      maxlength: 20000, oninput: () => {
        this.tell("");
        grow();
      }, onkeydown: (event) => {
        // While an input method composes, Enter takes its word and sends nothing.
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.#send(input);
      } });
    this.afterSend = grow;
    return [note, h("div", { class: "bar-row" },
      this.menu && button(icon("menu"), () => this.#turn(false), { class: "round", "aria-label": "菜单" }),
      button(icon("voice"), () => this.means.open("voice"), { class: "round", "aria-label": "语音" }),
      input, plus, send), panel].filter(Boolean);
  }

  /** What the door did not take stands in the input again. */
  async #send(input) {
    const text = input.value;
    if (!text.trim()) return;
    this.sentAt = performance.now();
    input.value = "";
    this.tell("");
    this.afterSend();
    input.focus();
    if ((await this.means.say(text, this.tell)) || input.value) return;
    input.value = text;
    this.afterSend();
  }

  #drawPanel() {
    const tiles = [["picture", "picture", "图片"], ["place", "place", "位置"], ["scan", "scan", "扫一扫"], ["bell", "consent", "订阅消息"],
      ["person", "unfollow", "取消关注"], ["code", "raw", "原始 XML"]];
    return h("ul", { class: "tiles", hidden: true }, tiles.map(([drawing, name, words]) =>
      h("li", {}, button([icon(drawing), h("span", {}, words)], () => this.means.open(name)))));
  }
}
