// A signature drawn on a canvas, kept in a hidden field as path data: M and L with
// whole numbers only, in a box of 600 by 200. Without this script a name is typed.
const most = 8000; // characters

for (const group of document.querySelectorAll("[data-sign]")) {
  const pad = group.querySelector("canvas");
  const field = document.getElementById("path");
  const pen = pad.getContext("2d");
  let drawing = false;
  let last = "";
  group.hidden = false;
  pen.lineWidth = 3;
  pen.lineCap = "round";

  const clamp = (n, top) => Math.max(0, Math.min(top, Math.round(n)));
  const at = (e) => {
    const box = pad.getBoundingClientRect();
    return [
      clamp((e.clientX - box.left) * pad.width / box.width, pad.width - 1),
      clamp((e.clientY - box.top) * pad.height / box.height, pad.height - 1),
    ];
  };
  const draw = (letter, x, y) => {
    if (letter === "M") {
      pen.beginPath();
      pen.moveTo(x, y);
    }
    pen.lineTo(x, y);
    pen.stroke();
  };
  const add = (letter, [x, y]) => {
    const point = x + "," + y;
    if (field.value.length > most || (letter === "L" && point === last)) return;
    draw(letter, x, y);
    field.value += letter + point;
    last = point;
  };

  pad.addEventListener("pointerdown", (e) => {
    drawing = true;
    pad.setPointerCapture(e.pointerId);
    add("M", at(e));
  });
  pad.addEventListener("pointermove", (e) => {
    if (drawing) add("L", at(e));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, () => { drawing = false; });
  }
  group.querySelector("button").addEventListener("click", () => {
    field.value = "";
    pen.clearRect(0, 0, pad.width, pad.height);
  });
  for (const [, letter, x, y] of field.value.matchAll(/([ML])(\d+),(\d+)/g)) draw(letter, +x, +y);
}
