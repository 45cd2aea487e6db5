// Why this answer: how the message came to it, what was answered, and the router's own lines.

import * as door from "./api.js";
import { fact, h } from "./dom.js";
import { tidy } from "./numbers.js";

/** What was answered is written down within about a second. */
const TRIES = 5;
const PAUSE_MS = 1000;

const KINDS = {
  policy: "答政策", service: "办事", clarify: "问清楚", none: "没有找到答案", message: "收下，直接回一句", event: "收下", unknown: "不认识", dialogue: "办事中的一步",
  useful: "记下“有用”", useless: "记下“没帮上”", failed: "没能办成", slow_down: "请对方慢一点", refused: "不能办",
};

const sayKind = (kind) => (KINDS[kind] ? `${KINDS[kind]}（${kind}）` : kind);

function drawFound(found) {
  const { recorded, lines = [] } = found;
  const named = found.sources_named ?? [];
  return [
    h("p", { class: "how" }, tidy(found.how)),
    h("dl", { class: "facts" },
      found.title && fact("答的是", found.title),
      named.length > 0 && fact("依据", named.join("；")),
      found.read && found.read !== found.q && fact("读作", found.read),
      found.kind && fact("判断", sayKind(found.kind)),
      found.entry && fact("条目", found.entry),
      found.intent && fact("意图", found.intent),
      found.score !== null && found.score !== undefined && fact("把握", Number(found.score).toFixed(2)),
      fact("记录", recorded ? "已经记下" : "还没有记下来")),
    lines.length > 0 && h("ul", { class: "lines" }, lines.map((line) => h("li", {}, line))),
  ].filter(Boolean);
}

async function fill(place, xml, tries) {
  try {
    const found = await door.explain(xml);
    place.replaceChildren(...drawFound(found));
    if (found.recorded || tries < 2) return;
    setTimeout(() => place.isConnected && fill(place, xml, tries - 1), PAUSE_MS);
  } catch (error) {
    place.replaceChildren(h("p", { class: "soft" }, error.status === 404 ? "这个服务没有开放路由的解释。" : error.message));
  }
}

export function drawRouting(item) {
  const xml = item.deliveries?.[0]?.message_xml || item.message_xml;
  if (!xml) return h("p", { class: "soft" }, "这一条没有送给服务。");
  const place = h("div", { class: "stack" }, h("p", { class: "soft" }, "正在看为什么这样答…"));
  fill(place, xml, TRIES);
  return place;
}
