// The phone's control door.

const DOOR = "/sandbox/";

/** A request that came to nothing; the message is for people. */
export class DoorError extends Error {
  constructor(words, status = 0) {
    super(words);
    this.status = status;
  }
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
  if (!response.ok) {
    const said = response.status < 500 ? (await response.text()).slice(0, 120) : "";
    const words = said && !said.startsWith("<") ? `沙箱没有接受：${said}` : "沙箱现在办不了，这一步没有做。过一会儿再试。";
    throw new DoorError(words, response.status);
  }
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
