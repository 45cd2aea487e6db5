// Tabs by the pattern that screen readers know: arrows go from one to the next.

import { h } from "./dom.js";

/** `pages`: {name, draw()}; `open` is the name that is shown first. `change(name)` hears of others. */
export function drawTabs(label, pages, open, change) {
  const panel = h("div", { class: "tab-panel", role: "tabpanel", tabindex: "0" });
  const show = (page) => {
    for (const tab of tabs) {
      const chosen = tab.textContent === page.name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    panel.setAttribute("aria-label", page.name);
    panel.replaceChildren(...[page.draw()].flat(Infinity).filter(Boolean));
  };
  const pick = (index) => {
    const page = pages.at(index % pages.length);
    show(page);
    change(page.name);
    tabs.at(index % pages.length).focus();
  };
  const tabs = pages.map((page, index) => h("button", { type: "button", role: "tab", onclick: () => pick(index),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) pick(index + step);
    } }, page.name));
  show(pages.find((page) => page.name === open) ?? pages[0]);
  return [h("div", { class: "tabs", role: "tablist", "aria-label": label }, tabs), panel];
}
