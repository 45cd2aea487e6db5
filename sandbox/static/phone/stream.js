// What happens on all phones, as it happens; comes back by itself when the sandbox was away.

import { EVENTS } from "./api.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;

/** Calls `onItem(item)`, and `onState("on" | "away", returned)`; returns how to try again now. */
export function openStream(onItem, onState) {
  let source = null;
  let timer = 0;
  let pause = FIRST_PAUSE;
  let lost = false;

  function connect() {
    clearTimeout(timer);
    source?.close();
    // Whoever comes back reads everything anew, so there is no number to go on from.
    source = new EventSource(EVENTS);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
      onState("on", lost);
      lost = false;
    });
    source.addEventListener("message", (event) => onItem(JSON.parse(event.data)));
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
