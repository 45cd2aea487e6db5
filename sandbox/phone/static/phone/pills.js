// A choice of one among a few, as radio buttons that look like tablets.

import { h } from "./dom.js";

let groups = 0;

/** A fieldset; `choices` are {value, name, note}. `change(value)` is called when another is taken. */
export function pills(title, choices, value, change) {
  const group = `pills-${(groups += 1)}`;
  return h("fieldset", { class: "pills" }, h("legend", {}, title), choices.map((choice) =>
    h("label", {}, h("input", { type: "radio", name: group, value: choice.value, checked: choice.value === value,
      onchange: () => change?.(choice.value) }), h("span", {}, choice.name))));
}

export const chosen = (fieldset) => fieldset.querySelector("input:checked")?.value;
