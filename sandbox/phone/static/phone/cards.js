// What arrives as a card: pictures, news, music, mini-programs, menus, notices.

import { avatar, button, h, icon } from "./dom.js";
import { drawText, isWebAddress, link } from "./text.js";

const own = (address) => typeof address === "string" && (address.startsWith("/sandbox/") || address.startsWith("data:image/"));

/** A picture that is ours; a picture from elsewhere is named and not fetched. */
export function drawPicture(address, title, enlarge) {
  if (!own(address)) return h("p", { class: "absent" }, icon("picture"), title || "一张图片（不在这台机器上，没有去取）");
  const face = h("img", { src: address, alt: title || "图片", loading: "lazy" });
  return button(face, () => enlarge(address, title), { class: "picture", "aria-label": `放大：${title || "图片"}` });
}

function drawHead(title, note) {
  return [h("strong", { class: "card-title" }, title), note && h("p", { class: "card-note" }, note)];
}

function drawMusic({ title, description, musicurl }) {
  return h("div", { class: "card row" }, h("span", { class: "card-mark" }, icon("play")),
    h("div", {}, drawHead(link(musicurl, title || "音乐"), description)));
}

function drawVideo({ title, description }, { picture }) {
  const screen = own(picture)
    ? h("div", { class: "card-screen still" }, h("img", { class: "card-cover", src: picture, alt: "" }), icon("play"))
    : h("div", { class: "card-screen" }, icon("play"), h("span", {}, "视频"));
  return h("div", { class: "card" }, screen, drawHead(title || "视频", description));
}

/** What stands on the platform itself and is sent by its number alone. */
const drawKept = (_content, { item }) => h("div", { class: "card" }, drawHead(item.title, item.description));

function drawNews({ articles = [] }) {
  const list = Array.isArray(articles) ? articles : [articles.item ?? articles].flat();
  const [first, ...others] = list;
  if (!first) return h("p", { class: "absent" }, "图文消息里没有文章");
  const cover = own(first.picurl) && h("img", { class: "card-cover", src: first.picurl, alt: "" });
  return h("div", { class: "card" }, cover, drawHead(link(first.url, first.title), first.description),
    others.map((one) => h("p", { class: "card-more" }, link(one.url, one.title))));
}

function drawLinkCard({ title, description, url }) {
  return h("div", { class: "card" }, drawHead(link(url, title || url), description),
    h("p", { class: "card-foot" }, isWebAddress(url) ? new URL(url).host : ""));
}

function drawMiniProgram({ title }, { account, picture }) {
  return h("div", { class: "card" }, h("p", { class: "card-kind" }, account),
    h("strong", { class: "card-title" }, title || "打开小程序"),
    own(picture) && h("img", { class: "card-cover below", src: picture, alt: "" }),
    h("p", { class: "card-foot" }, "小程序，这里打不开"));
}

function drawMenu({ head_content: head, list = [], tail_content: tail }, { tap }) {
  return h("div", { class: "bubble" },
    head && h("p", { class: "words" }, drawText(head, tap, false)),
    h("ul", { class: "options" }, [list].flat().map((one) =>
      h("li", {}, button(one.content, () => tap(one.content, String(one.id)), { class: "tap option" })))),
    tail && h("p", { class: "words" }, drawText(tail, tap, false)));
}

/** By which a mini-program sends its subscribe messages. */
const MINI_PROGRAM = "/cgi-bin/message/subscribe/send";

/** Template and subscribe messages as service notices: who sends it, the title, the rows. */
export function drawNotice(item, account) {
  const { url, miniprogram, page, data = {} } = item.content ?? {};
  // The mini-program bears the account's own name.
  const mark = item.api?.endpoint === MINI_PROGRAM ? "小程序 · 服务通知" : "服务通知";
  // WeChat does not show these two any more.
  const names = Object.keys(data ?? {});
  const fields = (item.fields ?? []).filter((_, place) => item.kind !== "template" || !["first", "remark"].includes(names[place]));
  const more = isWebAddress(url)
    ? link(url, "详情", { class: "notice-more" })
    : (miniprogram || page) && h("p", { class: "notice-more" }, "详情在小程序里，这里打不开");
  return h("article", { class: "notice-card" },
    h("header", {}, avatar(account, "theirs small"), h("span", {}, account), h("span", { class: "soft" }, mark)),
    h("h3", {}, item.title || "通知"),
    h("dl", {}, fields.map(({ label, value }) => h("div", {}, h("dt", {}, label), h("dd", {}, value)))),
    more);
}

const CARDS = {
  music: drawMusic, video: drawVideo, shortvideo: drawVideo, news: drawNews,
  mpnews: drawKept, mpnewsarticle: drawKept, wxcard: drawKept,
  link: drawLinkCard, miniprogrampage: drawMiniProgram, msgmenu: drawMenu,
};

/** The card for an item; null where there is none for its kind. */
export function drawCard(item, { tap, account }) {
  return CARDS[item.kind]?.(item.content ?? {}, { item, tap, account, picture: item.picture_url }) ?? null;
}
