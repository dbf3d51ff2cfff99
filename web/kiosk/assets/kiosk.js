// The kiosk page: shows each screen the bank sends, sounds it, and goes back to
// "scan" by itself. The bank never waits for this page.

const lostAfter = 3000; // ms without a word from the bank, which beats every second
const goneAfter = 20000; // ms without a word until a pupil had better go to the office
const thanksFor = 6000; // ms the answer to Help stays

const main = document.querySelector("#screen");
const said = document.querySelector("#said");
const muted = new URLSearchParams(location.search).has("mute");

let standing = ""; // what a kiosk shows while the building is being left, instead of asking for badges
let back = 0;
let watch = 0;

function show(html) {
  clearTimeout(back);
  main.innerHTML = html;
  const { sound, volume } = main.firstElementChild.dataset;
  play(sound, volume / 100);
}

// showOwn shows one of the screens that came with the page, once.
function showOwn(id) {
  const html = standing || document.getElementById(id).innerHTML.trim();
  if (main.innerHTML !== html) show(html);
}

// answer shows a screen of the bank, for as long as somebody needs to read it,
// or to type.
function answer(html) {
  show(html);
  keep();
  const stay = Number(main.firstElementChild.dataset.stay);
  if (stay) back = setTimeout(leave, stay); // otherwise it stays until the bank says something else
  field()?.focus();
}

// keep remembers the screen that tells people to leave the building. Once the bank
// asks for badges, or for a moment, that is over.
function keep() {
  const { word } = main.firstElementChild.dataset;
  if (word === "leave-now") standing = main.innerHTML;
  if (word === "scan" || word === "starting") standing = "";
}

// leave goes back to scan. Whatever was typed is gone with its screen; the bank
// forgets who was there.
function leave() {
  const staff = main.querySelector(".staff");
  showOwn("scan");
  if (staff) post("/staff/leave");
}

let heardAt = 0; // on the clock of the page, which no correction of the time moves

// heard notes that the bank lives.
function heard() {
  heardAt = performance.now();
  watchOut();
}

// watchOut arranges for what happens if the bank says nothing from now on.
function watchOut() {
  clearTimeout(watch);
  watch = setTimeout(() => {
    showOwn(performance.now() - heardAt < goneAfter ? "lost" : "gone");
    connect();
  }, lostAfter);
}

let source;
let last = main.dataset.n; // the number of the last screen seen

// connect opens the stream. The browser repeats a lost one by itself; one that
// hangs, or was refused, is opened anew each time the watch runs out.
function connect() {
  source?.close();
  source = new EventSource(`/events?after=${last}`);
  source.addEventListener("beat", heard);
  source.addEventListener("screen", (event) => {
    heard();
    last = event.lastEventId;
    answer(event.data.trim());
  });
  watchOut();
}

// Two notes: up for yes, down for no, level for neither.
const tunes = { rising: [523, 784], falling: [440, 277], level: [440, 440] };
let audio;

function play(sound, volume) {
  const tune = tunes[sound];
  if (!tune || muted || !volume) return;
  audio ??= new AudioContext();
  audio.resume();
  tune.forEach((pitch, i) => {
    const start = audio.currentTime + i * 0.16;
    const tone = new OscillatorNode(audio, { frequency: pitch, type: "triangle" });
    const gain = new GainNode(audio, { gain: volume });
    gain.gain.setTargetAtTime(0, start + 0.1, 0.03); // no click at the end
    tone.connect(gain).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
}

// field is where digits go, if there is a keypad.
function field() {
  return main.querySelector("form:not([hidden]) input:not([type=hidden])");
}

// post tells the bank what staff did; its answer is the next screen.
async function post(path, form) {
  const reply = await fetch(path, { method: "POST", body: form && new URLSearchParams(form) }).catch(() => null);
  return reply?.ok;
}

main.addEventListener("click", ({ target }) => {
  const { key, clear, step, leave: leaving } = target.closest("button")?.dataset ?? {};
  const input = field();
  if (key && input.value.length < input.maxLength) input.value += key;
  if (clear !== undefined) input.value = "";
  if (leaving !== undefined) leave();
  if (step) {
    for (const form of main.querySelectorAll("form")) form.hidden = form.id !== `${step}-step`;
    field()?.focus();
  }
});

// Digits on a keyboard go to the keypad's field, wherever the focus is.
document.addEventListener("keydown", (event) => {
  const input = field();
  if (!input) return;
  if (/^[0-9]$/.test(event.key)) input.focus();
  if (event.key === "Escape") leave();
});

main.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  const input = field();
  if (input && input.value.length < input.minLength) return; // minlength spares what a script typed
  const body = new FormData(target, submitter);
  if (input) input.value = "";
  const { pathname } = new URL(target.action);
  if (!(await post(pathname, body)) && pathname !== "/staff/map") leave(); // a mapping goes on
});

let quiet = 0;

document.querySelector("#help").addEventListener("submit", async (event) => {
  event.preventDefault();
  const reply = await fetch("/help", { method: "POST" }).catch(() => null);
  said.textContent = reply?.ok ? "Your call is saved.\nNobody comes? See the office." : "Please see the office.";
  clearTimeout(quiet);
  quiet = setTimeout(() => (said.textContent = ""), thanksFor);
});

document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());

keep();
connect();
