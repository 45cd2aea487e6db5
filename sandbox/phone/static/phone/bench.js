// The bench: what can be done to the net, the platform, the time and the page's looks.

import * as door from "./api.js";
import { askYes, say } from "./dialogs.js";
import { button, h, reconcile } from "./dom.js";
import { keep, readKept } from "./kept.js";
import { tidy } from "./numbers.js";
import { pills } from "./pills.js";
import { NORMAL } from "./store.js";
import { sayLength } from "./times.js";

const TRIPS = [
  NORMAL,
  ...[3, 10, 20].map((seconds) => ({ id: `late-${seconds}`, name: `晚到${seconds}秒`, trip: { delay_ms: seconds * 1000 } })),
  ...[1, 2, 3].map((times) => ({ id: `lost-${times}`, name: `回应丢${times}次`, trip: { lose_answers: times } })),
  ...[2, 5].map((copies) => ({ id: `copies-${copies}`, name: `同时来${copies}份`, trip: { copies } })),
];
const JUMPS = [["1小时后", 3600], ["48小时后", 48 * 3600], ["7天后", 7 * 86400]];

async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    say(error.message);
    return undefined;
  }
}

function drawTrips(store) {
  const title = h("summary", {});
  const name = () => title.replaceChildren("网络状况", h("span", { class: "soft" }, store.trip.name));
  const choices = pills("下面发出的消息怎么走", TRIPS.map(({ id, name: words }) => ({ value: id, name: words })), store.trip.id,
    (id) => store.setTrip(TRIPS.find((one) => one.id === id)));
  store.listen((what) => what === "trip" && name());
  name();
  return h("details", { class: "part" }, title, choices,
    h("p", { class: "soft" }, "“回应丢了”时，微信等5秒再送一次，最多送3次；手机上应该只见到一条回复。"));
}

export async function switchFaults(store, presets, on) {
  for (const preset of presets) await attempt(() => door.switchFault(preset, on));
  await attempt(async () => store.setFaults(await door.readFaults()));
}

function drawFaults(store) {
  const title = h("summary", {});
  const list = h("ul", { class: "switches" });
  const draw = () => {
    const { fault_presets: presets } = store.setup;
    title.replaceChildren("微信接口的故障", h("span", { class: "soft" }, store.faults.length ? `开着${store.faults.length}个` : "没有"));
    reconcile(list, presets.map(({ id, title: words, note }) => h("li", {}, h("label", {},
      h("span", {}, h("strong", {}, tidy(words)), h("span", { class: "soft" }, tidy(note))),
      h("input", { type: "checkbox", role: "switch", checked: store.faults.includes(id),
        onchange: (event) => switchFaults(store, [id], event.target.checked) })))));
  };
  store.listen((what) => (what === "faults" || what === "setup") && draw());
  draw();
  return h("details", { class: "part" }, title, list);
}

function drawTime(store) {
  const now = h("span", { class: "soft" });
  const set = (change) => attempt(async () => {
    const answer = await change();
    store.setClock(answer.ahead_s);
  });
  const draw = () => {
    const { ahead_s: ahead } = store.setup;
    now.textContent = ahead ? `快了${sayLength(ahead)}` : "和现在一样";
    back.hidden = !ahead;
  };
  const back = button("回到现在", () => set(() => door.setClock(0)), { class: "plain" });
  store.listen((what) => (what === "clock" || what === "setup") && draw());
  draw();
  return h("details", { class: "part" }, h("summary", {}, "时间快进", now),
    h("div", { class: "buttons" }, JUMPS.map(([words, seconds]) => button(words, () => set(() => door.advanceClock(seconds)), { class: "plain" })), back),
    h("p", { class: "soft" }, "只有微信那边的钟往前走，例如48小时后服务就不能再主动发话了。"));
}

/** What the service sends by itself; to the phone that was last used, or another one that is chosen. */
function drawSends(store) {
  const part = h("details", { class: "part" });
  const title = h("summary", {}, "让服务主动发一条");
  const whom = h("div", {});
  const list = h("ul", { class: "rows sends" });
  const send = (kind) => attempt(async () => {
    await door.sendOne(store.chosen(), kind);
    say(`已经让它发了，看${store.person(store.chosen())?.name ?? "这个人"}的手机。`);
  });
  const drawWhom = () => {
    const people = [...store.shown].map((openid) => ({ value: openid, name: store.person(openid)?.name ?? "一位朋友" }));
    whom.replaceChildren(people.length > 1 ? pills("发给谁", people, store.chosen(), (openid) => store.choose(openid))
      : h("p", { class: "soft" }, `发给${people[0]?.name ?? "这部手机"}。`));
  };
  const draw = () => {
    part.hidden = !store.setup.sends?.length;
    list.replaceChildren(...(store.setup.sends ?? []).map(({ kind, title: name, note }) => h("li", {},
      button([h("strong", {}, name), h("span", { class: "soft" }, tidy(note))], () => send(kind), { class: "row-button" }))));
    drawWhom();
  };
  store.listen((what) => {
    if (what === "setup") draw();
    if (what === "unread" || what === "chosen") drawWhom();
  });
  draw();
  part.append(title, h("p", { class: "soft" }, "这些话由沙箱代公众号写好，经微信的接口发出；时间和次数的规矩照样算。"), whom, list);
  return part;
}

function chooseTheme(theme) {
  keep("theme", theme === "system" ? "" : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function chooseType(large) {
  keep("type", large ? "large" : "");
  if (large) document.documentElement.dataset.type = "large";
  else delete document.documentElement.dataset.type;
  dispatchEvent(new Event("resize"));
}

function drawLooks() {
  return h("details", { class: "part" }, h("summary", {}, "字和颜色"),
    pills("颜色", [{ value: "system", name: "跟随系统" }, { value: "light", name: "浅色" }, { value: "dark", name: "深色" }],
      readKept("theme") ?? "system", chooseTheme),
    pills("字号", [{ value: "", name: "普通" }, { value: "large", name: "大字" }], readKept("type") ?? "",
      (value) => chooseType(value === "large")));
}

function drawPlatform(store, means) {
  const words = h("p", { class: "soft" });
  const draw = () => {
    words.textContent = store.setup.menu
      ? "服务已经把菜单放上来了。" : "服务还没有把菜单放上来，所以手机下面没有菜单。运行 zpt menu sync --yes 就有了。";
  };
  store.listen((what) => what === "setup" && draw());
  draw();
  const clear = async () => {
    if (!(await askYes({ title: "清空沙箱？", yes: "清空", words: [
      "会没有的：聊天、故障、快进的时间、加进来的人。", "留下的：菜单，还有服务自己的数据。"] }))) return;
    means.clearing();
    if (await attempt(door.reset)) means.cleared();
  };
  return h("details", { class: "part" }, h("summary", {}, "菜单和清空"), words,
    h("div", { class: "buttons" }, button("重新读取菜单", means.reload, { class: "plain" }), button("清空…", clear, { class: "plain danger" })));
}

/** `means`: reload(), clearing() before the sandbox is emptied, cleared(). */
export function drawBench(store, means) {
  return h("div", { class: "bench" },
    h("p", {}, "这是一部演示用的手机。每句话都照微信的办法加密、签名，送到真的服务，再把回复解开给您看；不会发到真的微信。"),
    h("p", { class: "soft" }, "先问一句，再点消息旁边的放大镜，看看发生了什么。下面这些可以用来出难题："),
    h("div", { class: "parts" }, drawTrips(store), drawFaults(store), drawTime(store), drawSends(store), drawLooks(), drawPlatform(store, means)));
}
