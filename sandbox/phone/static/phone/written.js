// XML and JSON as people read them: one thing on a line, names softer than what they hold.

import { button, h } from "./dom.js";
import { say } from "./dialogs.js";

const INDENT = "  ";

/** [indent, name, text] of each line; raises where the text is not XML or defines things itself. */
function* linesOf(element, depth) {
  const inner = [...element.children];
  if (!inner.length) {
    yield [depth, element.nodeName, element.textContent];
    return;
  }
  yield [depth, element.nodeName, null];
  for (const child of inner) yield* linesOf(child, depth + 1);
  yield [depth, `/${element.nodeName}`, null];
}

function parse(xml) {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) return null;
  const root = new DOMParser().parseFromString(xml.trim(), "text/xml").documentElement;
  return root.querySelector("parsererror") || root.nodeName === "parsererror" ? null : root;
}

function drawLine([depth, name, text]) {
  const tag = (written) => h("span", { class: "tag" }, `<${written}>`);
  const inside = text === null ? [tag(name)] : [tag(name), text, tag(`/${name}`)];
  return h("span", { class: "xml-line", data: { depth: Math.min(depth, 4) } }, INDENT.repeat(depth), inside, "\n");
}

function frame(title, written, content) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(written);
      say("复制好了。");
    } catch {
      say("浏览器不让复制。可以选中文字，自己复制。");
    }
  };
  return h("figure", { class: "written" },
    h("figcaption", {}, title, button("复制", copy, { class: "quiet", "aria-label": `复制${title}` })),
    h("pre", { tabindex: "0", role: "group", "aria-label": title }, content));
}

/** XML on lines of its own; what is not XML stands as it came. */
export function drawXml(title, xml) {
  if (!xml) return frame(title, "", h("span", { class: "soft" }, "（空的）"));
  const root = parse(xml);
  return frame(title, xml, root ? [...linesOf(root, 0)].map(drawLine) : xml);
}

export const drawRaw = (title, text) => frame(title, text ?? "", text || h("span", { class: "soft" }, "（空的）"));

export function drawJson(title, value) {
  const written = typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
  return frame(title, written, written);
}
