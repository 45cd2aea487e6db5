// One phone: its person; the official account with its header, the chat and the bar below it; the
// mini-program beside it.

import * as door from "./api.js";
import { Bar } from "./bar.js";
import { Chat } from "./chat.js";
import { askYes, openSheet, say } from "./dialogs.js";
import { button, h, icon } from "./dom.js";
import { choosePicture, enlarge } from "./images.js";
import { keep, readKept } from "./kept.js";
import { scanAnything } from "./mini-scan.js";
import { Mini } from "./mini.js";
import { choosePlace } from "./places.js";
import { consent, scan, speak, writeXml } from "./sheets.js";
import { isWebAddress } from "./text.js";
import { sayAhead } from "./times.js";

const SAME_TAP_MS = 800;

export class Phone {
  /** `means`: look(item), pick(phone), leave(phone), bench(). */
  constructor(store, openid, means) {
    this.store = store;
    this.openid = openid;
    this.means = means;
    this.state = "loading";
    this.chat = new Chat({
      account: () => this.store.setup.account.name,
      person: () => this.name,
      tap: (text, menuId) => this.#tap({ kind: "text", text, ...(menuId ? { menu_id: menuId } : {}) }),
      ask: (text) => this.#tap({ kind: "text", text }),
      look: means.look,
      enlarge,
    });
    this.bar = new Bar({
      say: (text, tell) => this.send({ kind: "text", text }, tell),
      press: (path, entry) => this.#press(path, entry),
      open: (name) => this.#open(name),
      follow: () => this.follow(true),
    });
    this.#build();
    this.#drawClock();
    this.unlisten = store.listen((what, of) => this.#hear(what, of));
    this.load();
  }

  get name() {
    return this.store.person(this.openid)?.name ?? "一位朋友";
  }

  get followed() {
    return this.store.person(this.openid)?.followed ?? true;
  }

  /** This phone is given to somebody else. */
  belongTo(openid) {
    this.openid = openid;
    this.chat.drawn.clear();
    this.chat.arrived.clear();
    this.chat.loaded = false;
    this.chat.toEnd();
    this.load();
  }

  get #sideName() {
    return `side.${this.openid}`;
  }

  /** To the mini-program, or back to the official account. */
  #turn(mini) {
    if (mini && !this.mini) {
      this.mini = new Mini(this.store, this.openid, this.element);
      this.screen.append(this.mini.element);
    }
    this.official.hidden = mini;
    this.mini?.show(mini);
    keep(this.#sideName, mini ? "mini" : "");
    for (const [index, one] of this.sides.entries()) one.setAttribute("aria-pressed", String(mini === (index === 1)));
  }

  async load() {
    const openid = this.openid;
    if (this.mini && this.mini.owner !== openid) this.mini.belongTo(openid);
    this.#turn(readKept(this.#sideName) === "mini");
    this.#drawNames();
    if (!this.store.items.has(openid)) {
      this.state = "loading";
      this.chat.update([], { followed: true, loaded: false });
      this.chat.showNotice("正在打开…");
    }
    try {
      this.store.takeItems(openid, await door.readItems(openid));
      if (openid !== this.openid) return;
      this.state = "ready";
      this.#draw();
    } catch (error) {
      if (openid !== this.openid || this.state === "ready") return;
      this.state = "failed";
      this.chat.showNotice(error.message, () => this.load());
    }
  }

  remove() {
    this.unlisten();
    this.element.remove();
  }

  /** A link or an option that is tapped; a finger that trembles taps the same one twice. */
  #tap(what) {
    const written = JSON.stringify(what);
    const again = written === this.tapped && performance.now() - this.tappedAt < SAME_TAP_MS;
    this.tapped = written;
    this.tappedAt = performance.now();
    return again ? undefined : this.send(what);
  }

  /** Do something as this person; what follows comes by the stream. True where it was taken. A text that
   * is too long is told by `tell`, where it was written. */
  async send(what, tell = say) {
    this.bar.closeAll();
    this.chat.toEnd();
    try {
      await door.act(this.openid, what, this.store.trip.trip);
      return true;
    } catch (error) {
      (error.status === 413 ? tell : say)(error.message);
      return false;
    }
  }

  async follow(wanted) {
    if (!wanted && !(await askYes({ title: "不再关注？", words: "服务会删掉它记住的关于这个人的一切。", yes: "取消关注" }))) return;
    const openid = this.openid;
    if (await this.send({ kind: wanted ? "follow" : "unfollow" })) this.store.setFollowed(openid, wanted);
  }

  #build() {
    this.person = h("span", {});
    this.status = h("span", { class: "status", role: "status" });
    this.account = h("h2", {});
    this.badge = h("span", { class: "badge" });
    this.tripChip = h("p", { class: "trip-chip", hidden: true });
    this.clockWords = h("span", {});
    this.clock = h("p", { class: "clock-strip", hidden: true }, this.clockWords,
      button("回到现在", () => this.#setClockBack(), { class: "quiet" }));
    this.label = h("div", { class: "phone-label" }, this.person,
      button("换人", () => this.means.pick(this), { class: "quiet" }),
      button(icon("close"), () => this.means.leave(this), { class: "round leave", "aria-label": "收起这部手机" }));
    this.back = button([icon("back"), this.badge], () => this.means.pick(this), { class: "round back" });
    const use = () => this.store.choose(this.openid);
    this.sides = [button("公众号", () => this.#turn(false)), button("小程序", () => this.#turn(true))];
    this.official = h("div", { class: "side" },
      h("header", { class: "phone-head" }, this.back,
        h("div", { class: "titles" }, this.account, this.status),
        button(icon("more"), () => this.#showAccount(), { class: "round", "aria-label": "公众号资料" })),
      this.clock, this.chat.element, this.tripChip, this.bar.element);
    this.screen = h("div", { class: "screen" },
      h("div", { class: "sides", role: "group", "aria-label": "用哪一个" }, this.sides), this.official);
    this.element = h("section", { class: "phone", onpointerdown: use, onfocusin: use }, this.label, this.screen);
  }

  #hear(what, of) {
    if (of && of !== this.openid && what !== "unread") return;
    if (what === "items" && this.state === "ready") this.#draw();
    if (what === "setup") {
      this.#drawNames();
      if (this.state === "ready") this.#draw();
    }
    if (["typing", "unread", "trip"].includes(what)) this.#drawNames();
    if (what === "clock" || what === "setup") this.#drawClock();
  }

  #drawClock() {
    const ahead = this.store.setup.ahead_s;
    this.clock.hidden = !ahead;
    if (ahead) this.clockWords.textContent = sayAhead(ahead);
  }

  async #setClockBack() {
    try {
      await door.setClock(0);
      this.store.setClock(0);
    } catch (error) {
      say(error.message);
    }
  }

  #drawNames() {
    const { account, menu } = this.store.setup;
    this.element.setAttribute("aria-label", `${this.name}的手机`);
    this.person.textContent = `${this.name}的手机`;
    this.account.textContent = account.name;
    this.element.classList.toggle("is-typing", this.store.typing.has(this.openid));
    this.status.textContent = this.store.typing.has(this.openid) ? "对方正在输入…" : `${this.name}的手机`;
    const unread = this.store.unreadBeside(this.openid);
    this.badge.textContent = unread ? String(unread) : "";
    this.back.setAttribute("aria-label", unread ? `换一个人，别人有${unread}条没看` : "换一个人");
    const { trip } = this.store;
    this.tripChip.hidden = trip.id === "normal";
    this.tripChip.textContent = trip.id === "normal" ? "" : `网络：${trip.name}（发出去的都会这样）`;
    this.bar.update({ menu, followed: this.followed });
  }

  #draw() {
    this.chat.update(this.store.itemsOf(this.openid), { followed: this.followed, loaded: true });
    this.bar.update({ menu: this.store.setup.menu, followed: this.followed });
  }

  async #press(path, entry) {
    if (entry.type?.startsWith("scancode_")) {
      const scanned = await scanAnything(this.element);
      if (scanned) this.#tap({ kind: "menu", path, result: scanned.result });
      return;
    }
    this.#tap({ kind: "menu", path });
    if (entry.type === "view" && isWebAddress(entry.url)) window.open(entry.url, "_blank", "noopener,noreferrer");
  }

  async #open(name) {
    const { setup } = this.store;
    if (name === "unfollow") return this.follow(false);
    const sheets = {
      voice: () => speak(this.element),
      picture: () => choosePicture(setup.pictures, this.element),
      place: () => choosePlace(setup.places, this.element),
      scan: () => scan(this.element),
      consent: () => consent(setup.templates, setup.account.name, this.element),
      raw: () => writeXml(setup.account, this.openid, this.element),
    };
    const what = await sheets[name]();
    return what && this.send(what);
  }

  async #showAccount() {
    const { account } = this.store.setup;
    const wanted = await openSheet({ title: account.name, phone: this.element }, (close) => [
      h("dl", { class: "facts" },
        h("div", {}, h("dt", {}, "这部手机的主人"), h("dd", {}, this.name)),
        h("div", {}, h("dt", {}, "关注"), h("dd", {}, this.followed ? "已关注" : "还没关注")),
        h("div", {}, h("dt", {}, "公众号"), h("dd", {}, account.app_id ?? "")),
        h("div", {}, h("dt", {}, "消息"), h("dd", {}, account.mode === "plain" ? "不加密" : "加密（安全模式）"))),
      h("div", { class: "stack" },
        button("打开试验台", () => close("bench"), { class: "plain wide bench-way" }),
        button("换一个人", () => close("pick"), { class: "plain wide" }),
        button(this.followed ? "取消关注" : "关注", () => close("follow"), { class: "plain wide" })),
    ]);
    if (wanted === "bench") this.means.bench();
    if (wanted === "pick") this.means.pick(this);
    if (wanted === "follow") this.follow(!this.followed);
  }
}
