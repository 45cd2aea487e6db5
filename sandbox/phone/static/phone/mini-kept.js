// What the mini-program keeps on one phone: which phone it is, and check-ins that wait for a network.

import { keep, readKept } from "./kept.js";

const MOST_WAITING = 20;

const makeId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

/** Names of its own making, by which the service knows what came twice. */
export const makeClientId = makeId;

/** This phone, whoever signs in on it; made once. */
export function deviceOf(openid) {
  const name = `device.${openid}`;
  const known = readKept(name);
  if (known) return known;
  const device = `sandbox-${makeId()}`;
  keep(name, device);
  return readKept(name) ?? device;
}

/** Of one phone: what has not reached the service, the oldest first. */
export class Waiting {
  constructor(openid) {
    this.name = `waiting.${openid}`;
    try {
      this.items = JSON.parse(readKept(this.name) ?? "[]");
    } catch {
      this.items = [];
    }
  }

  /** False where there is no room: `item` is {who, about, body}. */
  add(item) {
    if (this.items.length >= MOST_WAITING) return false;
    this.#set([...this.items, item]);
    return true;
  }

  remove(item) {
    this.#set(this.items.filter((one) => one.body.client_id !== item.body.client_id));
  }

  #set(items) {
    this.items = items;
    keep(this.name, items.length ? JSON.stringify(items) : "");
  }
}
