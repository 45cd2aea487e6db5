// The chat area: items in order, times between, and a reader who is left where he is.

import { avatar, button, h, reconcile } from "./dom.js";
import { TALKS, drawItem, drawTime } from "./said.js";
import { FOLLOWED } from "./store.js";
import { sayTime } from "./times.js";

/** Seconds of quiet after which the time is said again. */
const QUIET = 300;
/** How near to its end, in pixels, somebody still reads the latest. */
const NEAR = 48;
/** What is left free above an answer, in pixels. */
const EDGE = 12;
/** What is answered in few lines, and what is answered with a choice. */
export const EXAMPLES = ["派遣工能参加企业培训吗", "班里介绍工作吗", "培训要钱吗"];

export class Chat {
  /** `means`: account() and person() give names; tap, look, enlarge, ask(text). */
  constructor(means) {
    this.means = means;
    this.drawn = new Map();
    this.arrived = new Set();
    this.missed = 0;
    this.following = true;
    /** The number of an answer whose beginning is to be seen, where it is higher than the view. */
    this.fresh = null;
    this.list = h("ol", { class: "items", role: "log", "aria-busy": "true" });
    this.start = h("div", { class: "start" });
    this.area = h("div", { class: "chat", tabindex: "0", role: "region" }, this.list, this.start);
    this.chip = button("", () => this.toEnd(), { class: "chip", hidden: true });
    this.element = h("div", { class: "chat-frame" }, this.area, this.chip);
    this.area.addEventListener("scroll", () => this.#noticeScroll());
    const keep = new ResizeObserver(() => this.following && this.#jump());
    keep.observe(this.area);
    keep.observe(this.list);
  }

  /** Loading, or a chat that could not be read. */
  showNotice(words, retry) {
    reconcile(this.start, [h("p", { class: "soft" }, words), retry && button("再试一次", retry, { class: "plain" })].filter(Boolean));
  }

  update(all, { followed, loaded }) {
    const first = !this.loaded && loaded;
    this.loaded = loaded;
    // What the person did says it already; what the platform reports to the service nobody sees.
    const items = all.filter((item) => !(item.side === "system" && (item.kind === "event" || item.text in FOLLOWED)));
    this.area.setAttribute("aria-label", `${this.means.person()}和${this.means.account()}的聊天`);
    const latest = items.findLast((item) => item.side === "theirs");
    const spoken = items.find((item) => item.side === "mine" && TALKS.has(item.kind));
    const nodes = [];
    const kept = new Map();
    let last = -Infinity;
    for (const item of items) {
      if (item.at - last > QUIET) nodes.push(this.#keep(kept, `time ${item.number} ${sayTime(item.at)}`, () => drawTime(sayTime(item.at))));
      last = item.at;
      const isLatest = item === latest && item.kind === "text";
      const key = `${item.number} ${item.revision ?? 0} ${isLatest} ${item === spoken}`;
      nodes.push(this.#keep(kept, key, () => drawItem(item, this.#meansFor(isLatest, item === spoken))));
    }
    this.drawn = kept;
    reconcile(this.list, nodes);
    this.#count(items, first);
    if (loaded) {
      this.#drawStart(items, followed);
      this.list.setAttribute("aria-busy", "false");
    }
    if (this.following) this.#jump();
  }

  toEnd() {
    this.following = true;
    this.fresh = null;
    this.#jump();
    this.#forgetMissed();
  }

  #meansFor(latest, first) {
    const { account, person, tap, look, enlarge } = this.means;
    return { account: account(), person: person(), tap, look, enlarge, latest, first };
  }

  #keep(kept, key, draw) {
    const node = this.drawn.get(key) ?? draw();
    kept.set(key, node);
    return node;
  }

  #count(items, first) {
    let fresh = 0;
    for (const item of items) {
      if (item.side !== "theirs" || this.arrived.has(item.number)) continue;
      this.arrived.add(item.number);
      fresh += 1;
      if (!first && this.following) this.fresh ??= item.number;
    }
    if (first || this.following || !fresh) return;
    this.missed += fresh;
    this.chip.textContent = `有${this.missed}条新消息`;
    this.chip.hidden = false;
  }

  #forgetMissed() {
    this.missed = 0;
    this.chip.hidden = true;
  }

  /** Until the first question: one line on what this is, and three questions to tap. */
  #drawStart(items, followed) {
    const asked = items.some((item) => item.side === "mine" && TALKS.has(item.kind));
    const account = this.means.account();
    if (asked) return reconcile(this.start, []);
    if (!followed) {
      return reconcile(this.start, [avatar(account, "theirs large"), h("h2", {}, account),
        h("p", { class: "soft" }, "还没有关注。点下面的“关注”，就能问补贴培训的事。")]);
    }
    return reconcile(this.start, [h("p", { class: "soft" }, "想问什么直接打字，或者点一句试试："),
      h("ul", { class: "examples" }, EXAMPLES.map((text) => h("li", {}, button(text, () => this.means.ask(text), { class: "plain" }))))]);
  }

  /** To the end; of an answer that is higher than the view to its beginning, with the question above it
   * where that leaves most of the view to the answer. */
  #jump() {
    this.area.scrollTop = this.area.scrollHeight;
    const answer = this.fresh && this.list.querySelector(`[data-number="${this.fresh}"]`);
    if (!answer) return;
    const top = this.area.getBoundingClientRect().top + EDGE;
    const begins = answer.getBoundingClientRect().top - top;
    if (begins >= 0) return;
    const asked = answer.previousElementSibling;
    const height = asked ? answer.offsetTop - asked.offsetTop : Infinity;
    this.area.scrollTop += begins - (height < this.area.clientHeight / 3 ? height : 0);
  }

  #noticeScroll() {
    this.following = this.area.scrollHeight - this.area.scrollTop - this.area.clientHeight < NEAR;
    if (this.following) this.#forgetMissed();
  }
}
