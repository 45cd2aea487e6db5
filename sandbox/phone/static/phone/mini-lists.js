// One's own classes and check-ins, as cards.

import { h } from "./dom.js";
import { sayChannel, sayClass, sayDistance, sayEnrolment, sayFlags, sayKind, sayMoment, sayPeriod, sayState } from "./mini-words.js";

const card = (title, mark, lines) => h("article", { class: "mini-card" },
  h("h3", {}, title, mark && h("span", { class: `mark ${mark[1]}` }, mark[0])),
  lines.filter(Boolean).map((line) => h("p", {}, line)));

const nothing = (title, words) => [h("div", { class: "mini-note" }, h("h3", {}, title), h("p", {}, words))];

export function drawClasses(items) {
  if (!items.length) return nothing("还没有报班", "在公众号里说“我要报名”，就能找班报名。");
  return items.map((one) => card(one.title, [sayEnrolment(one.status), one.status === "confirmed" ? "good" : "warn"], [
    `${sayClass(one.class_status)}。${one.institution}`,
    one.next_session && `${new Date(one.next_session.starts_at) <= new Date() ? "这节课" : "下一节课"}：${sayPeriod(one.next_session.starts_at, one.next_session.ends_at)}${one.next_session.topic && `，${one.next_session.topic}`}`,
    !one.next_session && one.status !== "withdrawn" && "没有排着的课了。",
    one.address && `地点：${one.address}`,
  ]));
}

export function drawCheckIns(items) {
  if (!items.length) return nothing("还没有签到", "上课的时候扫大屏上的二维码，签上的都在这里。");
  return items.map((one) => card(`${sayKind(one.kind)}：${one.title}`, sayState(one.state), [
    `${sayMoment(one.at)}${one.late ? "，迟到" : ""}，${sayChannel(one.channel)}`,
    `这节课：${sayPeriod(one.starts_at, one.ends_at)}${one.topic && `，${one.topic}`}`,
    sayDistance(one.distance_m),
    ...sayFlags(one.flags),
  ]));
}
