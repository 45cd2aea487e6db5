// The mini-program on one phone: who is signed in, the network, and three pages: 签到, 我的班, 我的签到.

import { button, h } from "./dom.js";
import { CheckInPage } from "./mini-check-in.js";
import { Waiting } from "./mini-kept.js";
import { drawCheckIns, drawClasses } from "./mini-lists.js";
import { choosePerson } from "./people.js";
import { NoNetwork, Service } from "./service.js";

const PAGES = ["签到", "我的班", "我的签到"];

export class Mini {
  /** `phone`: the element of the phone, for the sheets that stand on it. */
  constructor(store, openid, phone) {
    this.store = store;
    this.phone = phone;
    this.service = new Service(() => this.network);
    this.account = h("h2", {}, "职培通小程序");
    this.who = h("span", { class: "soft" });
    this.strip = h("p", { class: "mini-strip", role: "status", hidden: true });
    this.body = h("div", { class: "mini-body", role: "region", "aria-label": "小程序", tabindex: "0" });
    this.tabs = PAGES.map((name) => button(name, () => this.open(name)));
    this.element = h("div", { class: "side mini", hidden: true },
      h("header", { class: "mini-head" }, h("div", { class: "titles" }, this.account, this.who),
        button("换人登录", () => this.#change(), { class: "quiet" })),
      this.strip, this.body, h("nav", { class: "mini-tabs", "aria-label": "小程序的页" }, this.tabs));
    this.belongTo(openid);
  }

  /** This phone is somebody's: its owner is signed in, and what it has kept is theirs. */
  belongTo(openid) {
    this.owner = openid;
    this.signedIn = openid;
    this.network = true;
    this.waiting = new Waiting(openid);
    this.checkIn = new CheckInPage(this);
    this.#tell();
    this.page = PAGES[0];
    this.drawn = false;
    if (!this.element.hidden) this.open(this.page);
  }

  show(wanted) {
    this.element.hidden = !wanted;
    if (wanted && !this.drawn) this.open(this.page);
  }

  ask(method, path, body, openid = this.signedIn) {
    return this.service.ask(openid, method, path, body);
  }

  nameOf(openid) {
    return this.store.person(openid)?.name ?? "一位朋友";
  }

  setNetwork(on) {
    this.network = on;
    this.#tell();
  }

  open(name) {
    this.page = name;
    this.drawn = true;
    for (const tab of this.tabs) {
      if (tab.textContent === name) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (name === "签到") this.body.replaceChildren(this.checkIn.element);
    else this.#read(name, ...(name === "我的班" ? ["me/classes", drawClasses] : ["me/check-ins", drawCheckIns]));
    this.body.scrollTop = 0;
  }

  /** A list of one's own, as the service has it now. */
  async #read(name, path, draw) {
    const person = this.signedIn;
    const stands = () => this.page === name && this.signedIn === person;
    this.body.replaceChildren(h("p", { class: "mini-note soft" }, "正在读…"));
    try {
      const { items } = await this.ask("GET", path);
      if (stands()) this.body.replaceChildren(...draw(items));
    } catch (error) {
      if (!stands()) return;
      const lost = error instanceof NoNetwork;
      this.body.replaceChildren(h("div", { class: "mini-note" },
        h("h3", {}, lost ? "读不到" : error.title), h("p", {}, lost ? `${error.message}有网络了再看。` : error.message),
        button("再试一次", () => this.open(name), { class: "plain wide" })));
    }
  }

  /** Somebody else signs in on this very phone, as when it goes from hand to hand. */
  async #change() {
    const openid = await choosePerson(this.store, new Set([this.signedIn]), this.phone, "谁在这部手机上登录");
    if (!openid) return;
    this.signedIn = openid;
    this.checkIn.forget();
    this.#tell();
    this.open(this.page);
  }

  #tell() {
    const own = this.signedIn === this.owner;
    this.who.textContent = own ? `${this.nameOf(this.signedIn)}登录着` : `${this.nameOf(this.signedIn)}登录着，手机是${this.nameOf(this.owner)}的`;
    this.strip.hidden = this.network;
    this.strip.textContent = this.network ? "" : "没有网络：签到先存在这部手机里。";
  }
}
