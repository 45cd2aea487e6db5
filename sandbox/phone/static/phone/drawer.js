// What happened with one message: each delivery, sealed and open, and why this answer.

import * as door from "./api.js";
import { say } from "./dialogs.js";
import { button, h } from "./dom.js";
import { drawTabs } from "./tabs.js";
import { sayDuration, sayExactly } from "./times.js";
import { drawJson, drawRaw, drawXml } from "./written.js";

const RESULTS = {
  reply: ["有回复", "good"], silence: ["收到了，不回话", "good"], fault: ["出错了", "bad"],
  waiting: ["还在等", "warn"], lost: ["回应丢了", "warn"], gave_up: ["等不到回应", "bad"],
};

const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

function drawDelivery(delivery, index, all) {
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
    delivery.note && h("p", { class: "note" }, delivery.note));
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

const KINDS = { policy: "答政策", service: "办事", clarify: "问清楚", none: "没有找到答案" };

async function fillRouting(place, text) {
  try {
    const found = await door.explain(text);
    const sources = (found.sources ?? []).map((one) => (typeof one === "string" ? one : one.title ?? JSON.stringify(one)));
    place.replaceChildren(
      h("dl", { class: "facts" }, fact("问的是", found.q ?? text), found.read && fact("读作", found.read),
        fact("判断", KINDS[found.kind] ? `${KINDS[found.kind]}（${found.kind}）` : found.kind ?? "没有"),
        found.entry && fact("条目", found.entry), found.intent && fact("意图", found.intent),
        found.score !== null && found.score !== undefined && fact("把握", Number(found.score).toFixed(2)),
        sources.length > 0 && fact("依据", sources.join("；"))),
      h("ul", { class: "lines" }, (found.lines ?? []).map((line) => h("li", {}, line))));
  } catch (error) {
    place.replaceChildren(h("p", { class: "soft" }, error.status === 404 ? "这个服务没有开放路由的解释。" : error.message));
  }
}

function drawRouting(item) {
  const text = item.kind === "voice" ? item.recognition : item.text;
  if (!text || !["text", "voice"].includes(item.kind)) {
    return h("p", { class: "soft" }, "这一条不是问话，不经过问答的路由。");
  }
  const place = h("div", {}, h("p", { class: "soft" }, "正在看为什么这样答…"));
  fillRouting(place, text);
  return place;
}

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
