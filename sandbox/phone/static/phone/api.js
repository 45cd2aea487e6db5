// The phone's control door.

import { tidy } from "./numbers.js";

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
    if (typeof error === "string") return `${tidy(error).replace(/[。！？]$/, "")}。`;
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
export const setClock = (ahead) => ask("POST", "clock", { ahead_s: ahead });
/** The service is to send a message of this kind by itself. */
export const sendOne = (openid, kind) => ask("POST", "phone/sends", { openid, kind });
/** What wx.login would give on this phone. */
export const readLoginCode = async (openid) => (await ask("POST", "phone/login-codes", { openid })).code;
/** The class screens before which somebody may stand. */
export const readScreens = async () => (await ask("GET", "screens")).items;
export const reset = () => ask("POST", "reset", {});
/** How a message, as WeChat has posted it, came to its answer. */
export const explain = (xml) => ask("POST", "explain", { message_xml: xml });

export const EVENTS = `${DOOR}phone/events`;
