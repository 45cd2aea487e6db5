// The class screen. The stream tells what stands on it (api/screen/state.py); here it is put in its
// place, the seconds are counted, and a server that is lost is told of. For browsers from 2018 on:
// no `?.`, no `??`.
(function () {
  "use strict";

  // A beat comes each second. Silence for so long is told; so long, and the line is taken for dead.
  const SILENT_MS = 2500, DEAD_MS = 8000;
  // Before it comes again, by chance, so that a school's screens do not all come at once.
  const RETRY_MS = 500, MOST_RETRY_MS = 4000, CHANCE_MS = 1500;
  const LOOK_EVERY_MS = 200;
  // How long nobody touches anything until the tools go, and words of them are read.
  const IDLE_MS = 5000, TOLD_MS = 12000;
  // So long each line of the notice stands there: at the pace at which it would be read aloud.
  const NOTICE_MS = 10000;
  // Sizes of a name in shares of the window's height, and of a column in names' sizes.
  const NAME_SIZES = [5, 4.4, 3.6, 3, 2.5], NAME_WIDTH = 4.4, MARKED_WIDTH = 6.4, NAME_HEIGHT = 1.45;

  const find = (id) => document.getElementById(id);
  const screen = find("screen");
  const state = { people: [] };
  let source = null, tries = 0, ended = false, known = -1;
  // When something was heard last, by this computer's own running clock, and the server's then.
  let heardAt = performance.now(), serverAt = 0, serverNow = Date.now();

  const show = (id, shown) => { find(id).hidden = !shown; };
  const say = (id, words) => {
    const text = String(words);
    if (find(id).textContent !== text) find(id).textContent = text;
  };
  const now = () => serverNow + (performance.now() - serverAt);

  // --- the stream ---

  function connect() {
    let opened = false;
    const own = new EventSource(screen.dataset.events);
    source = own;
    const on = (event, act) => own.addEventListener(event, (message) => {
      if (own !== source) return;
      opened = true;
      tries = 0;
      heardAt = performance.now();
      act(JSON.parse(message.data));
    });
    on("state", (told) => { setClock(told.now); take(told); });
    on("code", take);
    on("people", take);
    on("beat", (told) => setClock(told.now));
    on("end", end);
    // Its own trying again gives up at the first answer that is no stream: we try ourselves.
    own.onerror = () => {
      if (own !== source || ended) return;
      leave();
      if (opened) retry();
      else ask();
    };
  }

  function leave() {
    if (source) source.close();
    source = null;
  }

  function retry() {
    const wait = Math.min(MOST_RETRY_MS, RETRY_MS * Math.pow(2, tries)) + Math.random() * CHANCE_MS;
    tries = Math.min(tries + 1, 5);
    setTimeout(() => { if (!ended && source === null) connect(); }, wait);
  }

  // The stream does not tell why it was refused; the page's own address does.
  function ask() {
    const asked = { credentials: "same-origin", redirect: "manual", cache: "no-store" };
    fetch(location.pathname, asked).then((answer) => {
      const refused = answer.type === "opaqueredirect" || [401, 403, 404].indexOf(answer.status) >= 0;
      if (refused) end({ title: screen.dataset.refusedTitle, detail: screen.dataset.refusedDetail });
      else retry();
    }, retry);
  }

  function end(words) {
    ended = true;
    leave();
    // Whoever may not look any more keeps nothing of what stood there.
    take({ phase: "ended", title: words.title, detail: words.detail, left: "", code: "", notice: "", people: [], more: "" });
    show("again", true);
  }

  function setClock(told) {
    serverNow = told;
    serverAt = performance.now();
  }

  // --- what stands there ---

  function take(told) {
    Object.keys(told).forEach((key) => { state[key] = told[key]; });
    screen.dataset.phase = state.phase;
    say("title", state.title);
    say("detail", state.detail);
    say("left-words", state.left);
    show("notice", Boolean(state.notice));
    screen.classList.toggle("has-notice", Boolean(state.notice));
    if (state.qr) {
      find("qr-picture").setAttribute("viewBox", "0 0 " + state.qr.size + " " + state.qr.size);
      find("qr-path").setAttribute("d", state.qr.path);
    }
    say("code-first", (state.code || "").slice(0, 3));
    say("code-last", (state.code || "").slice(3));
    say("count", state.people.length);
    if (state.expected !== undefined) say("expected", state.expected);
    say("more", state.more || "");
    tick();
    showNames();
  }

  // Names stand in the order in which they came, as large as there is room for; where there is too
  // little the first ones make place, which everybody has seen.
  function showNames() {
    const list = find("names"), people = state.people;
    // An empty list would take the room of the words.
    show("names", people.length > 0);
    show("nobody", people.length === 0 && state.phase !== "connecting" && state.phase !== "ended");
    const wide = people.some((one) => one.mark) ? MARKED_WIDTH : NAME_WIDTH;
    const room = fit(people.length, wide, find("names-box"));
    list.style.fontSize = room.size + "px";
    list.style.gridTemplateRows = "repeat(" + room.rows + ", " + room.size * NAME_HEIGHT + "px)";
    list.style.gridAutoColumns = room.size * wide + "px";
    list.textContent = "";
    const hidden = people.length > room.most ? people.length - room.most + 1 : 0;
    if (hidden) add(list, list.dataset.earlier.replace("{count}", hidden), "", 0, "earlier");
    people.slice(hidden).forEach((one, place) => {
      add(list, one.name, one.mark, one.number, known >= 0 && place + hidden >= known ? "new" : "");
    });
    known = state.phase === undefined ? -1 : people.length;
  }

  function fit(count, wide, box) {
    const width = box.clientWidth, height = box.clientHeight;
    let room = null;
    for (const share of NAME_SIZES) {
      const size = share * innerHeight / 100;
      const rows = Math.max(1, Math.floor(height / (size * NAME_HEIGHT)));
      const columns = Math.max(1, Math.floor(width / (size * wide)));
      room = { size: size, rows: rows, most: rows * columns };
      if (count <= room.most) return room;
    }
    // Where the page may be scrolled nobody has to make place.
    if (getComputedStyle(find("names")).display !== "grid") room.most = count;
    return room;
  }

  // number: which of those whose names are alike.
  function add(list, name, mark, number, kind) {
    const line = document.createElement("li");
    line.textContent = name;
    if (kind) line.className = kind;
    if (number) addSmall(line, number, "nth");
    if (mark) addSmall(line, mark, "");
    list.appendChild(line);
  }

  function addSmall(line, words, kind) {
    const small = document.createElement("small");
    small.textContent = words;
    if (kind) small.className = kind;
    line.appendChild(small);
  }

  // --- time ---

  function tick() {
    const at = now(), silent = performance.now() - heardAt;
    const good = Boolean(state.code) && at < state.good_until;
    say("lost", silent > SILENT_MS && !ended ? find("lost").dataset.words : "");
    if (silent > DEAD_MS && source && !ended) {
      leave();
      heardAt = performance.now() - SILENT_MS - 1;
      retry();
    }
    // A code that is no longer good is on no screen, whatever has become of us.
    show("qr", good);
    show("code-box", good);
    show("gone", Boolean(state.code) && !good);
    show("title", good || !state.code);
    show("detail", good || !state.code);
    screen.classList.toggle("has-code", Boolean(state.code));
    showNotice(at);
    find("step-done").style.transform = "scaleX(" + share(state.changes_at - at, state.step) + ")";
    const timed = Boolean(state.left) && at < state.until && (good || !state.code);
    show("left", timed);
    show("line", timed && state.phase !== "before");
    if (timed) {
      say("left-time", spell(Math.ceil((state.until - at) / 1000)));
      find("line-done").style.transform =
        "scaleX(" + share(state.until - at, state.until - state.since) + ")";
    }
  }

  // Beside the code there is no room for all of it in letters that the back row reads: line by line.
  function showNotice(at) {
    const lines = (state.notice || "").split("\n");
    const one = Boolean(state.code) && getComputedStyle(find("below")).display === "flex";
    const place = Math.floor(at / NOTICE_MS) % lines.length;
    say("notice-words", one ? lines[place] : lines.join("\n"));
    say("notice-place", one && lines.length > 1 ? place + 1 + "／" + lines.length : "");
  }

  const share = (part, whole) => Math.max(0, Math.min(1, part / whole || 0)).toFixed(3);

  function spell(seconds) {
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24;
    const minutes = Math.floor(seconds / 60) % 60, rest = seconds % 60;
    if (days) return days + "天" + hours + "小时";
    if (hours) return hours + "小时" + minutes + "分钟";
    return minutes ? minutes + "分" + (rest < 10 ? "0" : "") + rest + "秒" : rest + "秒";
  }

  // --- the window ---

  const root = document.documentElement;
  const fill = root.requestFullscreen || root.webkitRequestFullscreen;
  if (fill) {
    show("full", true);
    find("full").addEventListener("click", () => fill.call(root));
    const changed = () => {
      show("full", !(document.fullscreenElement || document.webkitFullscreenElement));
    };
    document.addEventListener("fullscreenchange", changed);
    document.addEventListener("webkitfullscreenchange", changed);
  }

  // The tools are there for whoever touches mouse, screen or keys, and for as long as they do.
  let resting = 0;

  function wake() {
    find("tools").classList.remove("idle");
    clearTimeout(resting);
    resting = setTimeout(() => {
      // What is told of the sheet is read to its end.
      if (find("sheet-told").textContent) wake();
      else find("tools").classList.add("idle");
    }, IDLE_MS);
  }

  ["mousemove", "mousedown", "touchstart", "keydown"].forEach((event) => {
    document.addEventListener(event, wake, { passive: true });
  });

  // The sheet comes as a file: the page stays, whatever becomes of it.
  let toldUntil = 0;

  function tellOfSheet(words) {
    say("sheet-told", words);
    clearTimeout(toldUntil);
    toldUntil = setTimeout(() => say("sheet-told", ""), TOLD_MS);
    wake();
  }

  function printSheet() {
    const button = find("sheet");
    if (button.disabled) return;
    button.disabled = true;
    tellOfSheet(button.dataset.busy);
    const asked = {
      method: "POST", credentials: "same-origin", redirect: "error", cache: "no-store",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "csrf=" + encodeURIComponent(button.dataset.csrf),
    };
    fetch(button.dataset.path, asked)
      .then((answer) => answer.ok ? answer.blob().then(saveSheet) : answer.text().then((words) => {
        // A title and what to do; of a machine in between nothing that is for people.
        const said = answer.status < 500 ? words.split("\n")[1] : "";
        tellOfSheet(said || button.dataset.failed);
      }))
      .catch(() => tellOfSheet(button.dataset.failed))
      .then(() => { button.disabled = false; });
  }

  function saveSheet(file) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = find("sheet").dataset.file;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), TOLD_MS);
    tellOfSheet(find("sheet").dataset.done);
  }

  find("sheet").addEventListener("click", printSheet);
  wake();

  // The teacher's computer shall not go to sleep over it, where that can be said.
  function stayAwake() {
    if (navigator.wakeLock && document.visibilityState === "visible") {
      navigator.wakeLock.request("screen").catch(() => {});
    }
  }

  document.addEventListener("visibilitychange", stayAwake);
  addEventListener("resize", showNames);
  setInterval(tick, LOOK_EVERY_MS);
  stayAwake();
  connect();
})();
