// The page that checks in: scan or type, say where one is; without a network it is kept for later.

import { button, h } from "./dom.js";
import { deviceOf, makeClientId } from "./mini-kept.js";
import { readQr, scanScreen } from "./mini-scan.js";
import { sayClock, sayDistance, sayFlags, sayKind, sayMoment } from "./mini-words.js";
import { chosen, pills } from "./pills.js";
import { NoNetwork } from "./service.js";

const ACCURACY_M = 30;
const NOWHERE = "不给位置";
const LATER = 429;

export class CheckInPage {
  constructor(mini) {
    this.mini = mini;
    this.busy = false;
    this.result = h("div", { class: "mini-result", role: "status" });
    this.kind = pills("来上课，还是下课走", [{ value: "in", name: "签到" }, { value: "out", name: "签退" }], "in");
    this.place = h("select", {}, [...mini.store.setup.places.map((one) => one.name), NOWHERE].map((name) => h("option", { value: name }, name)));
    this.code = h("input", { inputmode: "numeric", autocomplete: "off", maxlength: 64, placeholder: "大屏上的6位数字" });
    this.network = h("input", { type: "checkbox", role: "switch", onchange: (event) => this.#switch(!event.target.checked) });
    this.kept = h("section", { class: "mini-kept", hidden: true });
    this.element = h("div", { class: "mini-page" }, this.result, this.kind,
      h("label", { class: "mini-field" }, "手机说我在", this.place),
      button("扫一扫", () => this.#scan(), { class: "main wide" }),
      h("form", { class: "inline", onsubmit: (event) => this.#type(event) },
        h("label", { class: "mini-field" }, "扫不了，就打签到码", this.code), h("button", { class: "plain" }, "用码签")),
      this.kept,
      h("ul", { class: "switches" }, h("li", {}, h("label", {},
        h("span", {}, h("strong", {}, "没有网络"), h("span", { class: "soft" }, "先存在手机里，有网络了再交")), this.network))));
    this.#drawKept();
  }

  /** Somebody else holds the phone: what was said was not for them. */
  forget() {
    this.result.replaceChildren();
    this.code.value = "";
  }

  async #scan() {
    const found = await scanScreen(this.mini.phone);
    if (found) await this.#send(found);
  }

  async #type(event) {
    event.preventDefault();
    const written = this.code.value.trim();
    if (!written) {
      this.code.focus();
      return;
    }
    await this.#send({ about: "打的签到码", ...(readQr(written) ?? { code: written }) });
  }

  async #send({ about, code, session_id }) {
    if (this.busy) return;
    const { mini } = this;
    const kind = chosen(this.kind);
    const place = mini.store.setup.places.find((one) => one.name === this.place.value);
    const now = new Date().toISOString();
    const body = {
      code, kind, device: deviceOf(mini.owner), client_id: makeClientId(), phone_at: now,
      ...(session_id && { session_id }),
      ...(place && { latitude: place.latitude, longitude: place.longitude, accuracy_m: ACCURACY_M }),
    };
    const item = { who: mini.signedIn, about, body: { ...body, taken_at: now } };
    this.busy = true;
    this.result.replaceChildren(h("p", { class: "soft" }, "正在交…"));
    try {
      // Sent at once, it is no check-in of somebody without a network.
      this.#show([this.#taken(item, await mini.ask("POST", "check-ins", body))]);
      this.code.value = "";
    } catch (error) {
      this.#show([error instanceof NoNetwork ? this.#keep(item, error) : this.#refused(item, error)]);
    } finally {
      this.busy = false;
    }
  }

  #keep(item, error) {
    const kept = this.mini.waiting.add(item);
    this.#drawKept();
    if (!kept) return drawResult("bad", "存不下了", ["手机里已经存了20条没有交的，先找有网络的地方交上。"]);
    this.code.value = "";
    return drawResult("warn", "先存在手机里了", [
      `${error.message}记下的时间是${sayClock(item.body.taken_at)}，24小时以内有网络了就交，老师确认以后算数。`]);
  }

  #switch(network) {
    this.mini.setNetwork(network);
    this.#drawKept();
    if (network && this.mini.waiting.items.length) this.#sendKept();
  }

  /** One after the other; what the service has refused is not tried again, but for being too busy. */
  async #sendKept() {
    if (this.busy) return;
    this.busy = true;
    const { mini } = this;
    const { waiting } = mini;
    const results = [];
    for (const item of waiting.items) {
      try {
        // By the two readings of one clock the service knows when it was, however wrong that is.
        const body = { ...item.body, phone_at: new Date().toISOString() };
        results.push(this.#taken(item, await mini.ask("POST", "check-ins", body, item.who)));
        waiting.remove(item);
      } catch (error) {
        if (error instanceof NoNetwork) {
          results.push(drawResult("warn", "还没有交上", [`${error.message}都还在手机里，过一会儿再交。`]));
          break;
        }
        results.push(this.#refused(item, error));
        if (error.status === LATER) break;
        waiting.remove(item);
      }
    }
    this.busy = false;
    this.#show(results);
    this.#drawKept();
  }

  #taken({ about, who, body }, done) {
    const waits = done.flags.includes("offline");
    const word = sayKind(done.kind);
    const title = waits ? `${word}交上了，等老师确认` : done.late ? "签上了，算迟到" : body.kind === "out" ? "签退记下了" : "签上了";
    return drawResult(waits || done.late ? "warn" : "good", title, [
      [who !== this.mini.owner && this.mini.nameOf(who), about, sayMoment(done.at)].filter(Boolean).join("，"),
      sayDistance(done.distance_m),
      ...sayFlags(done.flags),
    ]);
  }

  #refused({ about }, error) {
    return drawResult("bad", error.title, [error.message], `${about}，服务的说法：${error.code}`);
  }

  #show(results) {
    this.result.replaceChildren(...results);
    this.result.scrollIntoView({ block: "nearest" });
  }

  #drawKept() {
    const { items } = this.mini.waiting;
    this.kept.hidden = !items.length;
    this.kept.replaceChildren();
    if (!items.length) return;
    this.kept.replaceChildren(h("h3", {}, `存在手机里，还没有交：${items.length}条`),
      h("ul", { class: "rows" }, items.map(({ who, about, body }) =>
        h("li", {}, `${this.mini.nameOf(who)}，${sayKind(body.kind)}，${about}，${sayMoment(body.taken_at)}`))),
      this.mini.network ? button("现在交", () => this.#sendKept(), { class: "plain wide" }) : "");
  }
}

function drawResult(mark, title, lines, code) {
  const words = { good: "成了", warn: "注意", bad: "没有成" }[mark];
  return h("article", { class: `mini-card ${mark}` },
    h("h3", {}, h("span", { class: `mark ${mark}` }, words), title),
    lines.map((line) => h("p", {}, line)),
    code && h("p", { class: "soft code" }, code));
}
