// What the page knows: people, their items, what nobody has read, and the chosen trip.

export const NORMAL = { id: "normal", name: "正常", trip: {} };

/** What the sandbox's lines say of following. */
const FOLLOWED = { 已关注: true, 已取消关注: false };

export class Store {
  constructor() {
    this.setup = { account: { name: "公众号" }, people: [], menu: null, places: [], pictures: [], templates: [], fault_presets: [] };
    this.items = new Map();
    this.unread = new Map();
    this.typing = new Set();
    this.shown = new Set();
    this.trip = NORMAL;
    this.faults = [];
    this.listeners = new Set();
  }

  /** `listener(what, openid)`: what is setup, items, unread, typing, trip or faults. */
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

  /** The items of one person, oldest first. */
  itemsOf(openid) {
    return [...(this.items.get(openid)?.values() ?? [])].sort((one, other) => one.number - other.number);
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
      this.typing.delete(openid);
      this.tell("typing", openid);
      if (!this.shown.has(openid)) {
        this.unread.set(openid, (this.unread.get(openid) ?? 0) + 1);
        this.tell("unread", openid);
      }
    }
    this.tell("items", openid);
    return undefined;
  }

  takeTyping(openid, on) {
    if (on) this.typing.add(openid);
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

  forgetItems() {
    this.items.clear();
    this.unread.clear();
    this.typing.clear();
    this.tell("unread");
  }
}
