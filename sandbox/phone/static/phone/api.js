// The phone's control door.

const DOOR = "/sandbox/";

/** A request that came to nothing; the message is for people. */
export class DoorError extends Error {
  constructor(words, status = 0) {
    super(words);
    this.status = status;
  }
}

/** Why the door refused, in the sandbox's own words where it gave some. */
async function readRefusal(response) {
  try {
    const { error } = JSON.parse(await response.text());
    if (typeof error === "string") return `${error}。`;
  } catch {
    // An error page of something between us, or nothing at all.
  }
  return "沙箱现在办不了，这一步没有做。过一会儿再试。";
}

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(DOOR + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new DoorError("沙箱没有回应，这一步没有做。等它回来再试一次。");
  }
  if (!response.ok) throw new DoorError(await readRefusal(response), response.status);
  try {
    return await response.json();
  } catch {
    throw new DoorError("沙箱的回应看不懂，这一步可能没有做。");
  }
}

export const readSetup = () => ask("GET", "phone/setup");
export const addPerson = (name) => ask("POST", "phone/people", { name });
export const readItems = async (openid) =>
  (await ask("GET", `phone/items?openid=${encodeURIComponent(openid)}`)).items;
export const act = (openid, what, trip = {}) => ask("POST", "phone/acts", { openid, act: what, trip });
export const readFaults = async () => (await ask("GET", "phone/faults")).on;
export const switchFault = (preset, on) => ask("POST", "phone/faults", { preset, on });
export const advanceClock = (seconds) => ask("POST", "clock", { advance_s: seconds });
export const reset = () => ask("POST", "reset", {});
export const explain = (text) => ask("GET", `explain?q=${encodeURIComponent(text)}`);

export const EVENTS = `${DOOR}phone/events`;
