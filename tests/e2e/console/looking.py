"""What can be measured of a page as it is shown: contrast, width, sizes, the order of focus."""

from typing import Any

from playwright.sync_api import Page

#: Each visible text and each control's edge with its contrast against what is behind it.
_CONTRASTS = """
() => {
  const parse = (color) => {
    const found = color.match(/[\\d.]+/g).map(Number);
    return [found[0], found[1], found[2], found.length > 3 ? found[3] : 1];
  };
  const over = (top, below) => {
    const mix = (i) => top[i] * top[3] + below[i] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const light = ([r, g, b]) => {
    const part = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(parse(getComputedStyle(at).backgroundColor));
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const seen = (element) => element.checkVisibility({visibilityProperty: true});
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    const text = node.textContent.trim();
    if (!text || !seen(element) || element.closest(".hidden, script, style, option")) continue;
    const ground = behind(element);
    found.push(["text", text, ratio(over(parse(getComputedStyle(element).color), ground), ground)]);
  }
  for (const control of document.querySelectorAll("input, select, textarea, .button")) {
    if (!seen(control) || control.type === "hidden") continue;
    const style = getComputedStyle(control), around = behind(control.parentElement);
    const ground = behind(control);
    if (control.placeholder) {
      const color = parse(getComputedStyle(control, "::placeholder").color);
      found.push(["text", control.placeholder, ratio(over(color, ground), ground)]);
    }
    if (["radio", "checkbox"].includes(control.type)) continue;
    const edge = over(parse(style.borderTopColor), around);
    const best = Math.max(ratio(edge, around), ratio(ground, around));
    found.push(["edge", control.name || control.textContent, best]);
  }
  return found;
}
"""

#: What one clicks or taps, with its size; links within a sentence need none (WCAG 2.5.8).
_TARGETS = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((one) => one.type !== "hidden" && !one.matches(".skip"))
  .filter((one) => one.checkVisibility({visibilityProperty: true}))
  .map((one) => {
    const whole = one.closest("label.choice") ?? one;
    const box = whole.getBoundingClientRect();
    return [one.outerHTML.slice(0, 80), box.width, box.height, getComputedStyle(whole).display];
  })
"""

_FOCUSED = """
() => {
  const one = document.activeElement;
  if (one === document.body || one === null) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    text: (one.innerText || one.value || one.name || "").trim().slice(0, 20),
    tag: one.tagName,
    ring: style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0,
    top: box.top, bottom: box.bottom, left: box.left,
    index: [...document.querySelectorAll("*")].indexOf(one),
    height: innerHeight,
  };
}
"""


def find_faint(page: Page) -> list[Any]:
    """Texts below 4.5 to 1 and edges of controls below 3 to 1."""
    found = page.evaluate(_CONTRASTS)
    assert len(found) > 5
    return [one for one in found if one[2] < (4.5 if one[0] == "text" else 3)]


def find_small_targets(page: Page, least: float) -> list[Any]:
    """What is smaller than `least` px in height and does not stand in a line of text."""
    found = page.evaluate(_TARGETS)
    assert len(found) > 3
    return [one for one in found if one[2] < least and one[3] != "inline"]


def sideways(page: Page) -> int:
    """By how many px the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - innerWidth"))


def walk_by_tab(page: Page, most: int = 80) -> list[dict[str, Any]]:
    """What has the focus after each Tab, from the top of the page to its end."""
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None or (stops and stop["index"] == stops[0]["index"]):
            return stops
        stops.append(stop)
    raise AssertionError("the focus does not leave the page")
