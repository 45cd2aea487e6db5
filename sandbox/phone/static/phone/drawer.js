// What happened with one message: each delivery, sealed and open, and why this answer.

import * as door from "./api.js";
import { say } from "./dialogs.js";
import { button, fact, h } from "./dom.js";
import { tidy } from "./numbers.js";
import { drawRouting } from "./routing.js";
import { drawTabs } from "./tabs.js";
import { sayDuration, sayExactly } from "./times.js";
import { drawJson, drawRaw, drawXml } from "./written.js";

const RESULTS = {
  reply: ["有回复", "good"], silence: ["收到了，不回话", "good"], fault: ["出错了", "bad"],
  waiting: ["还在等", "warn"], lost: ["回应丢了", "warn"], gave_up: ["等不到回应", "bad"],
};

/** What the list above does not say of a delivery. */
function sayMore({ result, note, counted }) {
  if (result === "fault" || result === "gave_up") return tidy(note);
  return counted === false && ["reply", "silence"].includes(result) ? "前面已经有过回复，手机上不再显示这一次。" : "";
}

function drawDelivery(delivery, index, all) {
  const said = sayMore(delivery);
  const [words, kind] = RESULTS[delivery.result] ?? ["还没有结果", "warn"];
  const same = delivery.attempt > 1 && delivery.same_as_first !== null && delivery.same_as_first !== undefined;
  return h("li", { class: "delivery" },
    h("header", {}, h("h3", {}, `第${delivery.attempt}次投递`), h("span", { class: `mark ${kind}` }, words),
      delivery.counted && all.length > 1 && h("span", { class: "mark good" }, "手机上显示的是这一次"),
      same && h("span", { class: `mark ${delivery.same_as_first ? "good" : "bad"}` },
        delivery.same_as_first ? "回复与第1次相同" : "回复与第1次不同")),
    h("dl", { class: "facts" },
      fact("送出", delivery.posted_at ? sayExactly(delivery.posted_at) : "还没有"),
      fact("用了", delivery.result === "waiting" ? "还在等" : sayDuration(delivery.took_ms)),
      fact("HTTP", delivery.status ? String(delivery.status) : "没有")),
    said && h("p", { class: "note" }, said));
}

function drawDeliveries(item, openid) {
  const again = async (event) => {
    event.target.disabled = true;
    try {
      await door.act(openid, { kind: "again", number: item.number });
    } catch (error) {
      say(error.message);
    }
    event.target.disabled = false;
  };
  const deliveries = item.deliveries ?? [];
  return [
    deliveries.length ? h("ol", { class: "deliveries" }, deliveries.map(drawDelivery)) : h("p", { class: "soft" }, "还没有送出去。"),
    h("p", { class: "soft" }, "微信等不到回应，会把同一条消息再送两次。服务要认得出来，并且回一样的话。"),
    button("再投递一次", again, { class: "plain" }),
  ];
}

/** The same drawing for each delivery, under its number where there are several. */
function drawEach(item, draw) {
  const deliveries = item.deliveries ?? [];
  if (!deliveries.length) return h("p", { class: "soft" }, "还没有送出去。");
  if (deliveries.length === 1) return draw(deliveries[0]);
  return deliveries.map((delivery) => h("details", { class: "each", open: delivery === deliveries[0] },
    h("summary", {}, `第${delivery.attempt}次投递`), draw(delivery)));
}

const drawSealed = (item) => drawEach(item, (delivery) => [
  h("p", { class: "soft address" }, delivery.url ?? ""),
  drawXml("送去的密文", delivery.envelope_xml),
  drawXml("回来的密文", delivery.answer_raw),
]);

const drawOpen = (item) => drawEach(item, (delivery) => [
  drawXml("消息", delivery.message_xml || item.message_xml),
  drawXml("回复", delivery.answer_xml),
]);

const sayItem = (item) => item.text || item.recognition || item.title || { image: "图片", voice: "语音", location: "位置" }[item.kind] || "一条消息";

/** The drawer's content for a message of the person; `tab` is kept from one to the next. */
export function drawMessage(item, openid, tab, change) {
  return [
    h("p", { class: "looked-at" }, sayItem(item)),
    drawTabs("这条消息的经过", [
      { name: "投递", draw: () => drawDeliveries(item, openid) },
      { name: "密文", draw: () => drawSealed(item) },
      { name: "明文", draw: () => drawOpen(item) },
      { name: "路由", draw: () => drawRouting(item) },
    ], tab, change),
  ];
}

/** … and for what the service sent by itself. */
export function drawCall(item) {
  const { endpoint = "", request, response } = item.api ?? {};
  return [
    h("p", { class: "soft" }, "这一条不是对消息的回复，是服务自己调用微信的接口发来的。"),
    h("p", { class: "looked-at" }, endpoint),
    drawJson("请求", request), drawJson("回应", response),
  ];
}
