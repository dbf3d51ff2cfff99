// What the office pages add to htmx: saying so when the connection is lost, and
// the little that plain HTML cannot do.

const lost = document.querySelector("#lost");
const lostAfter = 4000; // ms without a word from the server, which beats every second
const tryEvery = 5000; // ms between attempts while lost

let watch = 0;

// heard notes that what the page shows is current.
function heard() {
  clearTimeout(watch);
  if (!lost.hidden) {
    lost.hidden = true;
    lost.replaceChildren();
    delete document.body.dataset.live;
  }
  watch = setTimeout(miss, lostAfter);
}

// miss says that it may no longer be, and asks for the page anew: that opens a
// fresh stream where the old one only hangs.
function miss() {
  clearTimeout(watch);
  watch = setTimeout(miss, tryEvery);
  if (lost.hidden) {
    const words = document.createElement("p");
    words.className = "bk-wide";
    words.textContent = "Connection lost. Reconnecting. What you see may be out of date.";
    lost.replaceChildren(words);
    lost.hidden = false;
    document.body.dataset.live = "lost";
    return;
  }
  htmx.trigger("#live", "refresh");
}

document.body.addEventListener("htmx:sseOpen", ({ detail: { source } }) => {
  heard();
  source.addEventListener("beat", heard);
  source.addEventListener("end", () => location.reload());
});
document.body.addEventListener("htmx:sseError", () => lost.hidden && miss());

if (document.querySelector("#live")) heard(); // the page itself was the first word

document.querySelector("[data-focus]")?.focus();

const print = document.querySelector("#print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// On a computer that several people share, a page nobody touches is locked. What
// was typed into it waits on the server for the same person.
const lock = document.querySelector("#lock");
lock?.addEventListener("submit", () => {
  const typed = document.querySelector("main form[method=post]");
  if (!typed?.elements.as) return;
  for (const [name, value] of new FormData(typed)) {
    if (typeof value !== "string" || name === "next") continue;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    lock.append(field);
  }
});
const lockAfter = Number(lock?.dataset.after) * 1000;
if (lockAfter) {
  let untouched = setTimeout(() => lock.requestSubmit(), lockAfter);
  for (const touch of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(touch, () => {
      clearTimeout(untouched);
      untouched = setTimeout(() => lock.requestSubmit(), lockAfter);
    }, { passive: true });
  }
}
