// What happens on all phones, as it happens; comes back by itself when the sandbox was away.

import { EVENTS } from "./api.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;

/**
 * Go on behind the event `after`. Calls `onItem(item)`, `onReload()` where too much was missed,
 * `onClock(ahead)` and
 * `onState("on" | "away", returned)`. Returns how to try again now.
 */
export function openStream(after, { onItem, onReload, onClock, onState }) {
  let source = null;
  let timer = 0;
  let pause = FIRST_PAUSE;
  let lost = false;
  let last = after;

  function hear(event, take) {
    last = event.lastEventId || last;
    take();
  }

  function connect() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(`${EVENTS}?after=${last}`);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
      onState("on", lost);
      lost = false;
    });
    source.addEventListener("message", (event) => hear(event, () => onItem(JSON.parse(event.data))));
    source.addEventListener("clock", (event) => hear(event, () => onClock(JSON.parse(event.data).ahead_s)));
    source.addEventListener("reload", (event) => hear(event, onReload));
    source.addEventListener("error", () => {
      // The browser's own retries know no pause that grows and give up on an error page.
      source.close();
      lost = true;
      onState("away", false);
      timer = setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    });
  }

  connect();
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  return connect;
}
