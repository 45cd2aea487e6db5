// What the page knows: people, their items, what nobody has read, and the chosen trip.

export const NORMAL = { id: "normal", name: "正常", trip: {} };

const RESTARTED = "沙箱重新启动过，之前的聊天没有了";
const TYPING_MS = 15_000;

/** What the sandbox's lines say of following. */
export const FOLLOWED = { 已关注: true, 已取消关注: false };

export class Store {
  constructor() {
    this.setup = { account: { name: "公众号" }, people: [], menu: null, places: [], pictures: [], templates: [], fault_presets: [], sends: [], ahead_s: 0 };
    this.items = new Map();
    this.unread = new Map();
    /** Who is being written to, with what ends it. */
    this.typing = new Map();
    this.shown = new Set();
    this.trip = NORMAL;
    this.used = null;
    /** Whose talk was lost with the sandbox, and when. */
    this.lost = new Map();
    this.faults = [];
    this.listeners = new Set();
  }

  /** `listener(what, openid)`: what is setup, items, unread, typing, trip, faults or clock. */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(what, openid = null) {
    for (const listener of [...this.listeners]) listener(what, openid);
  }

  person(openid) {
    return this.setup.people.find((one) => one.openid === openid);
  }

  /** The phone that was used last, of those in sight. */
  chosen() {
    return this.shown.has(this.used) ? this.used : [...this.shown][0];
  }

  choose(openid) {
    if (openid === this.used) return;
    this.used = openid;
    this.tell("chosen");
  }

  /** The items of one person, oldest first. */
  itemsOf(openid) {
    const items = [...(this.items.get(openid)?.values() ?? [])].sort((one, other) => one.number - other.number);
    const at = this.lost.get(openid);
    return at ? [{ number: 0, at, openid, side: "system", kind: "restarted", text: RESTARTED }, ...items] : items;
  }

  /** Nothing of anybody's talk is there any more; `restarted` where nobody wanted that. */
  loseTalks(restarted) {
    const at = Date.now() / 1000;
    const lost = [...this.items].filter(([, items]) => items.size).map(([openid]) => openid);
    if (!restarted) this.lost.clear();
    else for (const openid of lost) this.lost.set(openid, at);
  }

  find(openid, number) {
    return this.items.get(openid)?.get(number);
  }

  takeSetup(setup) {
    this.setup = { ...this.setup, ...setup };
    this.tell("setup");
  }

  /** All of a person's items as the sandbox has them now. */
  takeItems(openid, items) {
    const newest = new Map(items.map((item) => [item.number, item]));
    for (const [number, item] of this.items.get(openid) ?? []) {
      // What came by the stream while the list was on its way.
      const listed = newest.get(number);
      if (listed && (listed.revision ?? 0) < (item.revision ?? 0)) newest.set(number, item);
    }
    this.items.set(openid, newest);
    this.tell("items", openid);
  }

  /** One item from the stream. */
  takeItem(item) {
    const { openid, number } = item;
    if (item.side === "typing") return this.takeTyping(openid, item.on);
    if (!this.person(openid)) this.tell("stranger", openid);
    const known = this.items.get(openid) ?? new Map();
    const before = known.get(number);
    if (before && (before.revision ?? 0) > (item.revision ?? 0)) return undefined;
    known.set(number, item);
    this.items.set(openid, known);
    if (item.side === "system" && item.text in FOLLOWED) this.setFollowed(openid, FOLLOWED[item.text]);
    if (item.side === "theirs" && !before) {
      this.takeTyping(openid, false);
      if (!this.shown.has(openid)) {
        this.unread.set(openid, (this.unread.get(openid) ?? 0) + 1);
        this.tell("unread", openid);
      }
    }
    this.tell("items", openid);
    return undefined;
  }

  /** It ends by itself where nothing comes, as it does on WeChat. */
  takeTyping(openid, on) {
    clearTimeout(this.typing.get(openid));
    if (on) this.typing.set(openid, setTimeout(() => this.takeTyping(openid, false), TYPING_MS));
    else this.typing.delete(openid);
    this.tell("typing", openid);
  }

  /** These people are in sight: what comes for them is read. */
  show(openids) {
    this.shown = new Set(openids);
    for (const openid of openids) this.unread.delete(openid);
    this.tell("unread");
  }

  setFollowed(openid, followed) {
    const person = this.person(openid);
    if (!person || person.followed === followed) return;
    person.followed = followed;
    this.tell("setup");
  }

  unreadBeside(openid) {
    let count = 0;
    for (const [other, unread] of this.unread) if (other !== openid) count += unread;
    return count;
  }

  setTrip(choice) {
    this.trip = choice;
    this.tell("trip");
  }

  setFaults(on) {
    this.faults = on;
    this.tell("faults");
  }

  setClock(ahead) {
    this.setup.ahead_s = ahead;
    this.tell("clock");
  }

  forgetItems() {
    this.items.clear();
    this.unread.clear();
    for (const openid of [...this.typing.keys()]) this.takeTyping(openid, false);
    this.tell("unread");
  }
}
