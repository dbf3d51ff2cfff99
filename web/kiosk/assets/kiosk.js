// The kiosk page: shows each screen the bank sends, sounds it, and goes back to
// "scan" by itself. The bank never waits for this page.

const backAfter = 2000; // ms a screen stays
const lostAfter = 3000; // ms without a word from the bank, which beats every second
const thanksFor = 6000; // ms the answer to Help stays

const main = document.querySelector("#screen");
const said = document.querySelector("#said");
const muted = new URLSearchParams(location.search).has("mute");

let back = 0;
let watch = 0;

function show(html) {
  clearTimeout(back);
  main.innerHTML = html;
  const { word, sound, volume } = main.firstElementChild.dataset;
  play(sound, volume / 100);
  if (word !== "scan" && word !== "starting") {
    back = setTimeout(() => showOwn("scan"), backAfter);
  }
}

// showOwn shows one of the screens that came with the page.
function showOwn(id) {
  show(document.getElementById(id).innerHTML.trim());
}

// heard notes that the bank lives, and arranges for what happens if it stops.
function heard() {
  clearTimeout(watch);
  watch = setTimeout(() => {
    showOwn("lost");
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
    show(event.data.trim());
  });
  heard();
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

let quiet = 0;

document.querySelector("#help").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/help", { method: "POST" }).catch(() => null);
  said.textContent = answer?.ok ? "Someone is coming." : "Please see the office.";
  clearTimeout(quiet);
  quiet = setTimeout(() => (said.textContent = ""), thanksFor);
});

document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());

connect();
