// One item of a chat: what the person said, what came back, and the lines between.

import { avatar, button, h, icon } from "./dom.js";
import { drawCard, drawNotice, drawPicture } from "./cards.js";
import { tidy } from "./numbers.js";
import { drawText, drawWords } from "./text.js";

/** A second of speech for some four characters; without words it was a short one. */
const secondsOf = (words) => Math.min(60, Math.max(2, Math.round([...(words ?? "")].length / 4)));

function drawVoice(words, means, known) {
  const seconds = secondsOf(words);
  return [
    h("p", { class: "bubble voice" }, icon("waves"), h("span", {}, `${seconds}″`),
      h("span", { class: "hidden" }, `语音，${seconds}秒`)),
    known && h("p", { class: "heard" }, words ? `听到的是：${words}` : "没听清，微信没有认出文字"),
  ];
}

function drawPlace({ label, name, latitude, longitude }) {
  return h("div", { class: "card row" }, h("span", { class: "card-mark" }, icon("place")),
    h("div", {}, h("strong", { class: "card-title" }, name || label || "位置"),
      h("p", { class: "card-note whole" }, h("span", {}, `北纬${Number(latitude).toFixed(4)} `), h("span", {}, `东经${Number(longitude).toFixed(4)}`))));
}

function drawMineBody(item, means) {
  if (item.kind === "image") return drawPicture(item.picture_url, item.title, means.enlarge);
  if (item.kind === "voice") return drawVoice(item.recognition, means, true);
  if (item.kind === "location" && item.place) return drawPlace(item.place);
  if (item.kind === "raw") return h("pre", { class: "bubble words" }, item.text);
  return h("p", { class: "bubble words" }, drawWords(item.text || item.title || "（空的）"));
}

function drawTheirBody(item, means) {
  const content = item.content ?? {};
  if (item.kind === "template" || item.kind === "subscribe") return drawNotice(item, means.account);
  if (item.kind === "text") return h("p", { class: "bubble words" }, drawText(content.content, means.tap, means.latest));
  if (item.kind === "image") return drawPicture(item.picture_url ?? content.picurl, "发来的图片", means.enlarge);
  if (item.kind === "voice") return drawVoice("", means, false);
  return drawCard(item, means) ?? h("p", { class: "bubble words" }, "一条这里画不出的消息，点放大镜看它的内容。");
}

/** What the platform did with a message, in words; empty where all went as usual. */
export function sayState(item) {
  const count = (item.deliveries ?? []).length;
  const again = count > 1 ? `投递了${count}次` : "";
  if (item.state === "on_the_way") return again ? `${again}，还在等回复` : "在路上…";
  if (item.state === "failed") return again ? `${again}，都没有回复` : "没有送到";
  if (item.state === "silent") return again ? `${again}，服务没有回话` : "送到了，服务没有回话";
  return again;
}

const BY_ITSELF = { customer_service: "服务后来发来的", template: "服务发来的模板消息", subscribe: "服务发来的订阅消息" };

/** The way to the drawer: a glass beside the message; below the first one, in words. */
function drawLook(item, means) {
  const name = item.side === "mine" ? "看看发生了什么" : "看看这是怎么来的";
  const press = () => means.look(item);
  return means.first ? button([icon("look"), name], press, { class: "look worded" })
    : button(icon("look"), press, { class: "look", "aria-label": `${name}（第${item.number}条）`, title: name });
}

function drawSaid(item, means) {
  const mine = item.side === "mine";
  const state = mine ? sayState(item) : BY_ITSELF[item.channel];
  const marks = item.state === "failed" ? "under bad" : "under";
  return h("li", { class: `said ${mine ? "mine" : "theirs"}`, data: { number: item.number, kind: item.kind } },
    avatar(mine ? means.person : means.account, mine ? "mine" : "theirs"),
    h("div", { class: "body" },
      h("span", { class: "hidden" }, mine ? `${means.person}说：` : `${means.account}说：`),
      mine ? drawMineBody(item, means) : drawTheirBody(item, means),
      state && h("p", { class: marks }, state),
      means.first && drawLook(item, means)),
    !means.first && drawLook(item, means));
}

/** Events are no bubbles: a line in the middle that says what the person did. */
function drawEvent(item, means) {
  const state = item.state === "answered" && (item.deliveries ?? []).length < 2 ? "" : sayState(item);
  return h("li", { class: "line", data: { number: item.number, kind: item.kind } },
    h("span", {}, item.title || item.text || "做了一个动作", state && `（${state.replace("，服务没有回话", "")}）`),
    drawLook(item, means));
}

function drawNoticeLine(item, means) {
  return h("li", { class: "said notice", data: { number: item.number, kind: item.kind } },
    drawNotice(item, means.account), h("p", { class: "under" }, BY_ITSELF[item.channel] ?? ""), drawLook(item, means));
}

export const TALKS = new Set(["text", "raw", "image", "voice", "location", "video", "shortvideo", "link"]);

/** `means`: account, person (names), tap, look, enlarge, and whether the item is the latest reply or the
 * first that the person said. */
export function drawItem(item, means) {
  if (item.side === "system") {
    return h("li", { class: "line", data: { number: item.number, kind: item.kind } },
      h("span", {}, tidy(item.text)), (item.api || item.answers) && drawLook(item, means));
  }
  if (item.side === "mine") return TALKS.has(item.kind) ? drawSaid(item, means) : drawEvent(item, means);
  return item.kind === "template" || item.kind === "subscribe" ? drawNoticeLine(item, means) : drawSaid(item, means);
}

export const drawTime = (words) => h("li", { class: "line time" }, h("span", {}, words));
