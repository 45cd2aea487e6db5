// Where somebody says they are: a named place, and how far the phone is off.

import { button, h } from "./dom.js";
import { openSheet } from "./dialogs.js";
import { pills, chosen } from "./pills.js";

const METRES_PER_DEGREE = 111320;
const OFF = [0, 50, 200, 1000];

/** The place moved by `metres` into any direction, as a phone's own guess is off. */
export function shift({ latitude, longitude }, metres) {
  const direction = Math.random() * 2 * Math.PI;
  const north = (metres * Math.cos(direction)) / METRES_PER_DEGREE;
  const east = (metres * Math.sin(direction)) / (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180));
  return { latitude: Number((latitude + north).toFixed(6)), longitude: Number((longitude + east).toFixed(6)) };
}

/** Resolves to a location act, or undefined. */
export function choosePlace(places, phone) {
  return openSheet({ title: "发送位置", phone }, (close) => {
    if (!places.length) return h("p", { class: "soft" }, "沙箱里还没有地点。");
    const off = pills("偏差", OFF.map((metres) => ({ value: String(metres), name: `${metres}米` })), "0");
    const send = (place) => () =>
      close({ kind: "location", ...shift(place, Number(chosen(off))), label: place.label || place.name });
    return [
      h("p", { class: "soft" }, "手机报的位置常常差一点，先选差多少，再点地点。"),
      off,
      h("ul", { class: "rows" }, places.map((place) => h("li", {}, button(
        [h("strong", {}, place.name), h("span", { class: "soft" }, place.label)], send(place), { class: "row-button" })))),
    ];
  });
}
