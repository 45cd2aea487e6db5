// Whose phone it is: the people of the demo, what nobody has read of theirs, and new ones.

import * as door from "./api.js";
import { avatar, button, h } from "./dom.js";
import { openSheet, say } from "./dialogs.js";

/** Resolves to an openid, or undefined. Those in `taken` have a phone already. */
export function choosePerson(store, taken, phone, title = "换一个人的手机") {
  return openSheet({ title, phone }, (close) => {
    const add = async (event) => {
      event.preventDefault();
      const input = event.target.querySelector("input");
      try {
        const name = input.value.trim() || "新来的人";
        const person = await door.addPerson(name);
        store.setup.people.push({ note: "新的人", followed: false, name, ...person });
        store.tell("setup");
        close(person.openid);
      } catch (error) {
        say(error.message);
      }
    };
    return [
      h("ul", { class: "rows" }, store.setup.people.map((person) => drawPerson(store, person, taken, close))),
      h("form", { class: "inline", onsubmit: add },
        h("label", {}, "新的人", h("input", { placeholder: "叫什么名字", maxlength: 20, autocomplete: "off" })),
        h("button", { class: "plain" }, "加进来")),
    ];
  });
}

function drawPerson(store, person, taken, close) {
  const unread = store.unread.get(person.openid);
  const beside = taken.has(person.openid);
  const note = beside ? "正在看" : person.note || (person.followed ? "" : "还没关注");
  return h("li", {}, button([
    avatar(person.name, "mine"),
    h("span", { class: "who" }, h("strong", {}, person.name), note && h("span", { class: "soft" }, note)),
    unread && h("span", { class: "unread" }, `${unread}条没看`),
  ], () => close(person.openid), { class: "row-button person", disabled: beside }));
}
