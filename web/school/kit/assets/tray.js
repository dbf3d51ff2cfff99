// Ticks of a class's tray that need no network. Each tick is kept on the tablet first,
// then sent, in the order they were made, until the school says that it has it. A tick
// has an id of its own and names the ticks that it replaces, so sending it twice does
// no harm, and what two tablets say differently is shown.

const pages = "bellkeep-tray-pages"; // as in the worker
const mostSent = 100;
const mostReplaced = 8;
const tryAgain = 3000; // ms

const form = document.querySelector("#ticks");
const until = Number(document.querySelector("#tray-script").dataset.until);

forgetOld();
if (until < Date.now()) forgetPages();
else if ("serviceWorker" in navigator) navigator.serviceWorker.register("/trays/worker.js", { scope: "/trays/" }).catch(() => {}); // without one the page must stay open
for (const leave of document.querySelectorAll('form[action="/lock"], form[action="/sign-out"]')) leave.addEventListener("submit", forgetPages);
if (form) ticking();

// forgetPages takes the names off the tablet.
function forgetPages() {
  globalThis.caches?.delete(pages);
}

// forgetOld takes off what nobody can send any more.
function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("bellkeep-tray-")) continue;
    const { until = 0 } = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (until < Date.now()) localStorage.removeItem(key);
  }
}

function ticking() {
  const { tray, part, send: address, store } = form.dataset;
  const sync = document.querySelector("#sync");
  const refused = document.querySelector("#refused");
  const rows = new Map([...form.querySelectorAll("[data-pupil]")].map((row) => [row.dataset.pupil, row]));
  const after = new Map([...rows].map(([pupil, row]) => [`${part} ${pupil}`, row.dataset.after.split(" ").filter(Boolean)]));
  let queue = JSON.parse(localStorage.getItem(store) ?? "{}").queue ?? [];
  let sending = false;
  let trouble = "";
  let timer = 0;

  document.querySelector("#save").hidden = true;
  document.querySelector("#kept").hidden = false;
  for (const tick of queue) {
    after.set(`${tick.part} ${tick.pupil}`, [tick.id]);
    if (tick.part === part) draw(tick.pupil, tick.line, []);
  }
  say();
  send();

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const row = target.closest("[data-pupil]");
    if (row) tick(row, target);
  });
  for (const link of document.querySelectorAll("[data-wait]")) {
    link.addEventListener("click", (event) => {
      if (queue.length === 0) return;
      event.preventDefault();
      trouble = "Wait until all ticks are sent. ";
      say();
      send();
    });
  }
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  setTimeout(() => { // the pass or the day is over: nothing of it stays
    localStorage.removeItem(store);
    forgetPages();
    location.reload();
  }, Math.min(until - Date.now(), 2 ** 31 - 1));

  // tick keeps what a row says now, and sends it.
  function tick(row, box) {
    const boxes = [...row.querySelectorAll("input[type=checkbox]")];
    const marks = ["no-phone", "absent"];
    for (const other of boxes) { // nobody hands in something and nothing
      if (box.checked && other !== box && (marks.includes(box.value) || marks.includes(other.value))) other.checked = false;
    }
    const on = boxes.filter((b) => b.checked).map((b) => b.value);
    const line = {};
    const things = on.filter((v) => !marks.includes(v)).sort();
    if (things.length) line.things = things;
    const mark = on.find((v) => marks.includes(v));
    if (mark) line.mark = mark;
    const cell = `${part} ${row.dataset.pupil}`;
    const made = { id: newID(), pupil: row.dataset.pupil, part, line, after: (after.get(cell) ?? []).slice(0, mostReplaced), at: new Date().toISOString() };
    after.set(cell, [made.id]);
    queue.push(made);
    unsure(row, []);
    trouble = "";
    keep();
    send();
  }

  // keep writes the queue down before anything else happens to it.
  function keep() {
    if (queue.length) localStorage.setItem(store, JSON.stringify({ until, queue }));
    else localStorage.removeItem(store);
    say();
  }

  async function send() {
    clearTimeout(timer);
    if (sending || queue.length === 0) return;
    sending = true;
    const batch = queue.slice(0, mostSent);
    try {
      const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ tray, ticks: batch }) });
      await take(answer, batch);
    } catch { // no network: they wait
      trouble = "No connection. ";
    }
    sending = false;
    say();
    if (queue.length) timer = setTimeout(send, tryAgain);
  }

  // take goes by the school's answer. One that is not its own says nothing.
  async function take(answer, batch) {
    if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) {
      trouble = answer.redirected ? "Sign in again to send them. " : "The school’s computer does not answer. ";
      return;
    }
    const said = await answer.json();
    if (answer.status >= 500 || answer.status === 429) {
      trouble = "The school’s computer does not answer. ";
      return;
    }
    const ids = new Set(batch.map((t) => t.id));
    queue = queue.filter((t) => !ids.has(t.id));
    trouble = "";
    if (!answer.ok) {
      notTaken(batch, () => `${said.error} ${said.next ?? ""}`);
    } else {
      notTaken(batch.filter((t) => said.refused?.[t.id]), (t) => said.refused[t.id]);
      show(said);
    }
    keep();
  }

  // notTaken says which ticks the school never takes, and why.
  function notTaken(ticks, why) {
    for (const t of ticks) {
      const words = document.createElement("p");
      words.textContent = `Not taken: ${rows.get(t.pupil)?.dataset.name ?? "a pupil"}. ${why(t)}`;
      refused.append(words);
      refused.hidden = false;
    }
  }

  // show draws what the school has, but for rows with ticks that wait.
  function show({ lines, tally }) {
    for (const [name, n] of Object.entries(tally)) {
      const cell = document.querySelector(`[data-tally="${name}"]`);
      if (cell) cell.textContent = n;
    }
    for (const pupil of rows.keys()) {
      const cell = `${part} ${pupil}`;
      const now = lines[cell];
      if (!now || queue.some((t) => t.part === part && t.pupil === pupil)) continue;
      after.set(cell, now.after ?? []);
      draw(pupil, now, now.others ?? []);
    }
  }

  function draw(pupil, line, others) {
    const row = rows.get(pupil);
    if (!row) return;
    const on = new Set([...(line.things ?? []), line.mark]);
    for (const box of row.querySelectorAll("input[type=checkbox]")) box.checked = on.has(box.value);
    unsure(row, others);
  }

  function unsure(row, others) {
    const words = row.querySelector("[data-unsure]");
    words.hidden = others.length === 0;
    words.textContent = others.length ? `One tablet says ${others.join(", another ")}.` : "";
    row.classList.toggle("bk-tray--unsure", others.length > 0);
  }

  function say() {
    const n = queue.length;
    sync.hidden = false;
    sync.dataset.waiting = n;
    sync.textContent = n ? `${trouble}Kept on this device: ${n} not sent yet.` : "All ticks are sent.";
  }
}

// newID is 128 random bits, also where a page has no secure context.
function newID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
