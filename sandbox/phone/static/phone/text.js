// The text of a message as nodes: what may be tapped, what is a link, and nothing else.

import { h, tapWords } from "./dom.js";

const ANCHOR = /<a\s[^<>]*?href="([^"<>]*)"[^<>]*>([^<>]*)<\/a>/gi;
const ADDRESS = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/g;
/** Hotlines, mobile numbers, and others with their area code; no sum of money and no year. */
const TELEPHONE = /(?<![\d.,\-A-Za-z])(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|123\d{2})(?![\d\-%元人个次年月A-Za-z]|[.,]\d)/g;
const TAP = "weixin://bizmsgmenu?";
const OPTION = /^(\d{1,2})([.．、]\s*)(\S.*)$/;

export const isWebAddress = (address) => /^https?:\/\//i.test(address ?? "");

/** A link that opens beside the page; its text where it leads nowhere on the web. */
export function link(address, face, attributes = {}) {
  if (!isWebAddress(address)) return h("span", attributes, face);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", ...attributes }, face);
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Chinese that was written as it stands, with a per cent sign in it.
  }
}

/** What a bizmsgmenu link sends when it is tapped; null for any other address. */
export function readTap(address) {
  const written = address.replaceAll("&amp;", "&");
  if (!written.toLowerCase().startsWith(TAP)) return null;
  const values = {};
  for (const pair of written.slice(TAP.length).split("&")) {
    const [name, ...rest] = pair.split("=");
    values[name.toLowerCase()] = decode(rest.join("="));
  }
  return values.msgmenucontent ? { text: values.msgmenucontent, menuId: values.msgmenuid } : null;
}

function withTelephones(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TELEPHONE)) {
    nodes.push(text.slice(from, found.index), h("a", { href: `tel:${found[0].replace("-", "")}` }, found[0]));
    from = found.index + found[0].length;
  }
  return [...nodes, text.slice(from)];
}

function withAddresses(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(/[.,;:!?)\]']+$/, "");
    nodes.push(...withTelephones(text.slice(from, found.index)), link(address, address));
    from = found.index + address.length;
  }
  return [...nodes, ...withTelephones(text.slice(from))];
}

function drawAnchor(written, address, face, tap) {
  const wanted = readTap(address);
  if (wanted) return tapWords(face, () => tap(wanted.text, wanted.menuId));
  return isWebAddress(address) ? link(address.replaceAll("&amp;", "&"), face) : written;
}

function drawLine(line, tap, latest) {
  const nodes = [];
  let from = 0;
  for (const found of line.matchAll(ANCHOR)) {
    nodes.push(...withAddresses(line.slice(from, found.index)));
    nodes.push(drawAnchor(found[0], found[1], found[2], tap));
    from = found.index + found[0].length;
  }
  const option = latest && from === 0 ? OPTION.exec(line) : null;
  if (option) {
    const [, number, mark, words] = option;
    return [`${number}${mark}`, tapWords(words, () => tap(number), { "aria-label": `${number}，${words}` })];
  }
  return [...nodes, ...withAddresses(line.slice(from))];
}

/** A person's own words: addresses and telephone numbers are links, and markup stands as it was typed. */
export const drawWords = (text) => withAddresses(text ?? "");

/**
 * A text of the service. `tap(text, menuId)` sends what was tapped; the numbered lines of the
 * `latest` reply can be tapped too.
 */
export function drawText(text, tap, latest) {
  return (text ?? "").split("\n").flatMap((line, index) => [index ? "\n" : null, ...drawLine(line, tap, latest)]);
}
