// The page: as many phones as fit, what stands beside them, and the stream that feeds them.

import * as door from "./api.js";
import { switchFaults } from "./bench.js";
import { button, h } from "./dom.js";
import { keep, readKept } from "./kept.js";
import { tidy } from "./numbers.js";
import { Panel } from "./panel.js";
import { choosePerson } from "./people.js";
import { Phone } from "./phone.js";
import { Store } from "./store.js";
import { openStream } from "./stream.js";

const MOST_PHONES = 3;
/** Below it one phone fills the screen; the same number stands in the style sheets. */
const WIDE = 48;
const PHONE_WIDTH = 22;
const PANEL_WIDTH = 25;
const MENU_TRIES = 8;
const MENU_PAUSE_MS = 2000;
/** The strips say what time it is on the platform. */
const MINUTE_MS = 60_000;

const store = new Store();
const phones = [];
const stage = document.getElementById("stage");
const add = document.getElementById("add");
const panel = new Panel(store, { reload: readSetup, clearing: () => (clearing = true), cleared: readAll });

const widthInRem = () => innerWidth / parseFloat(getComputedStyle(document.documentElement).fontSize);
const openids = () => phones.map((phone) => phone.openid);

/** Which phones are in sight, and whether the panel has a column beside them. */
function arrange() {
  const width = widthInRem();
  const wide = width >= WIDE;
  phones.forEach((phone, index) => (phone.element.hidden = !wide && index > 0));
  const column = width >= phones.length * PHONE_WIDTH + PANEL_WIDTH;
  if (column !== panel.column) panel.settle(column);
  add.hidden = phones.length >= MOST_PHONES || !wide;
  document.body.dataset.phones = phones.length;
  store.show(wide ? openids() : openids().slice(0, 1));
  keep("people", openids().join(" "));
}

async function pick(phone) {
  const openid = await choosePerson(store, new Set(openids()), phone.element);
  if (!openid) return;
  phone.belongTo(openid);
  arrange();
}

function leave(phone) {
  if (phones.length < 2) return;
  phones.splice(phones.indexOf(phone), 1);
  phone.remove();
  arrange();
}

function addPhone(openid) {
  const phone = new Phone(store, openid, { look: (item) => panel.look(item), pick, leave, bench: () => panel.showBench() });
  phones.push(phone);
  stage.append(phone.element);
  arrange();
  return phone;
}

async function addAnother() {
  const openid = await choosePerson(store, new Set(openids()), null);
  if (openid) addPhone(openid).element.scrollIntoView({ inline: "end", block: "nearest" });
}

async function readSetup() {
  store.takeSetup(await door.readSetup());
  store.setFaults(await door.readFaults());
}

let clearing = false;

/** The sandbox has begun anew, or too much was missed of what it said. */
async function reload() {
  const { menu } = store.setup;
  await readAll();
  if (menu) awaitMenu(MENU_TRIES);
}

/** Whoever has put the menu there does so again some seconds after a start. */
function awaitMenu(tries) {
  if (store.setup.menu || !tries) return;
  setTimeout(() => readSetup().catch(() => {}).then(() => awaitMenu(tries - 1)), MENU_PAUSE_MS);
}

async function readAll() {
  const { start } = store.setup;
  await readSetup();
  const restarted = store.setup.start !== start;
  if (restarted || clearing) store.loseTalks(restarted);
  clearing = false;
  store.forgetItems();
  for (const phone of phones.filter((one) => !store.person(one.openid))) {
    // Somebody who was new: the sandbox knows the demo's people only.
    phone.openid = store.setup.people.find((one) => !openids().includes(one.openid)).openid;
  }
  await Promise.all(phones.map((phone) => phone.load()));
}

function drawBanner() {
  const banner = document.getElementById("fault");
  const names = store.setup.fault_presets.filter((one) => store.faults.includes(one.id)).map((one) => tidy(one.title));
  banner.hidden = !store.faults.length;
  if (banner.hidden) return;
  banner.replaceChildren(h("span", {}, `微信接口的故障开着：${names.join("、")}`),
    button("全部关掉", () => switchFaults(store, [...store.faults], false), { class: "plain" }));
}

function showAway(away, words) {
  const bar = document.getElementById("away");
  bar.hidden = !away;
  if (away) bar.replaceChildren(h("span", {}, words), button("重新连接", () => start(), { class: "plain" }));
}

let connect = null;
let strangers = 0;

/** Read what there is, open the stream; where the sandbox is away, say so and try again. */
async function start() {
  if (connect) return connect();
  try {
    await readSetup();
  } catch (error) {
    showAway(true, error.message);
    setTimeout(start, 3000);
    return undefined;
  }
  if (connect) return undefined;
  showAway(false);
  document.getElementById("loading").remove();
  const kept = (readKept("people") ?? "").split(" ").filter((openid) => store.person(openid));
  const first = kept.length ? kept.slice(0, MOST_PHONES) : store.setup.people.slice(0, 1).map((one) => one.openid);
  for (const openid of new Set(first)) addPhone(openid);
  connect = openStream(store.setup.latest ?? "", {
    onItem: (item) => store.takeItem(item),
    onReload: () => reload().catch(() => {}),
    onClock: (ahead) => store.setClock(ahead),
    onState: (state, returned) => {
      showAway(state === "away", "沙箱断开了，正在等它回来…");
      if (returned) readSetup().catch(() => {});
    },
  });
  return undefined;
}

store.listen((what) => {
  if (what === "faults" || what === "setup") drawBanner();
  if (what === "stranger") {
    clearTimeout(strangers);
    strangers = setTimeout(() => readSetup().catch(() => {}), 300);
  }
});
add.addEventListener("click", addAnother);
document.getElementById("bench").addEventListener("click", () => panel.showBench());
addEventListener("resize", arrange);
setInterval(() => store.setup.ahead_s && store.tell("clock"), MINUTE_MS / 4);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && connect) readSetup().catch(() => {});
});
start();
