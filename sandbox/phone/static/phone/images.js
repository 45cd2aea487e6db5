// Pictures somebody sends: the ready-made ones, or a file of their own.

import { button, h } from "./dom.js";
import { openSheet, say } from "./dialogs.js";

const MOST_BYTES = 2 * 1024 * 1024;
const LONGEST_SIDE = 1600;

function readBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1]));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}

/** The file as the door takes it: PNG or JPEG of at most 2 MiB, made smaller if need be. */
async function prepare(file) {
  if (file.size <= MOST_BYTES && ["image/png", "image/jpeg"].includes(file.type)) return readBase64(file);
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = h("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return readBase64(await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85)));
}

/** Resolves to an image act, or undefined. */
export function choosePicture(pictures, phone) {
  return openSheet({ title: "发送图片", phone }, (close) => {
    const take = async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      try {
        close({ kind: "image", data: await prepare(file) });
      } catch {
        say("这个文件不是看得懂的图片，没有发。换一张 JPG 或者 PNG 试试。");
      }
    };
    return [
      pictures.length ? h("ul", { class: "gallery" }, pictures.map(({ id, title, url }) => h("li", {}, button(
        [h("img", { src: url, alt: "" }), h("span", {}, title)], () => close({ kind: "image", picture: id }))))) : null,
      h("label", { class: "file plain" }, h("input", { type: "file", class: "hidden", accept: "image/*", onchange: take }),
        "从这台电脑或手机里选一张"),
    ];
  });
}

/** A picture over the whole page. */
export function enlarge(address, title) {
  return openSheet({ title: title || "图片", kind: "large" }, () => h("img", { src: address, alt: title || "图片" }));
}
