// What stands beside the phones: the bench, or the drawer of one message. Where there is no room
// beside them, both come as a sheet.

import { closeOnBack } from "./back.js";
import { drawBench } from "./bench.js";
import { drawCall, drawMessage } from "./drawer.js";
import { button, h, icon } from "./dom.js";

export class Panel {
  constructor(store, means) {
    this.store = store;
    this.looked = null;
    this.tab = "投递";
    this.column = true;
    this.bench = drawBench(store, means);
    this.title = h("h2", { id: "panel-title" }, "试验台");
    this.leave = button(icon("close"), () => this.close(), { class: "round", "aria-label": "收起" });
    this.body = h("div", { class: "panel-body" }, this.bench);
    this.inner = h("div", { class: "panel-inner" }, h("header", {}, this.title, this.leave), this.body);
    this.aside = document.getElementById("panel");
    this.sheet = h("dialog", { class: "sheet panel-sheet", "aria-labelledby": "panel-title" });
    this.sheet.addEventListener("click", (event) => event.target === this.sheet && this.close());
    this.sheet.addEventListener("close", () => this.#left());
    document.body.append(this.sheet);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.column && this.looked && !document.querySelector("dialog[open]")) this.close();
    });
    store.listen((what, openid) => what === "items" && openid === this.looked?.openid && this.#drawLooked());
    this.settle(true);
  }

  /** In a column of its own, or as a sheet. */
  settle(column) {
    this.column = column;
    const open = this.sheet.open;
    if (column && open) this.sheet.close();
    (column ? this.aside : this.sheet).append(this.inner);
    this.aside.hidden = !column;
    document.body.dataset.panel = column ? "column" : "sheet";
    this.leave.hidden = column && !this.looked;
  }

  showBench() {
    this.from = document.activeElement;
    this.looked = null;
    this.title.textContent = "试验台";
    this.body.replaceChildren(this.bench);
    this.#open();
  }

  /** The drawer of an item; a reply leads to the message that it answers. */
  look(item) {
    const { openid } = item;
    const asked = item.side !== "mine" && item.answers ? this.store.find(openid, item.answers) : null;
    this.from = document.activeElement;
    this.looked = { openid, number: (asked ?? item).number };
    this.title.textContent = "看看发生了什么";
    this.written = "";
    this.#drawLooked();
    this.#open();
    this.title.tabIndex = -1;
    this.title.focus();
  }

  close() {
    if (this.sheet.open) this.sheet.close();
    else this.#left();
  }

  #open() {
    this.leave.hidden = this.column && !this.looked;
    this.left ??= closeOnBack(() => this.close());
    if (!this.column && !this.sheet.open) this.sheet.showModal();
    this.body.scrollTop = 0;
  }

  #left() {
    this.left?.();
    this.left = null;
    const number = this.looked?.number;
    if (this.looked && this.column) {
      this.looked = null;
      this.title.textContent = "试验台";
      this.body.replaceChildren(this.bench);
      this.leave.hidden = true;
    }
    // The message may have been drawn anew meanwhile, and its glass with it.
    const from = this.from?.isConnected ? this.from : document.querySelector(`[data-number="${number}"] .look`);
    from?.focus();
    this.from = null;
  }

  /** Drawn anew only where the item is another than before: whoever reads on is not disturbed. */
  #drawLooked() {
    const item = this.store.find(this.looked.openid, this.looked.number);
    const written = JSON.stringify(item);
    if (!item || written === this.written) return;
    this.written = written;
    const name = this.store.person(item.openid)?.name ?? "";
    const content = item.side === "mine"
      ? drawMessage(item, item.openid, this.tab, (tab) => (this.tab = tab)) : drawCall(item);
    this.body.replaceChildren(...[h("p", { class: "soft" }, `${name}的手机`), content].flat(Infinity));
  }
}
