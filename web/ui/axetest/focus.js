// How things look without the keyboard's focus, and what has it.
window.__focus ??= (() => {
  const plain = new WeakMap();
  const every = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  // What is not drawn does not count: a colour alone is not seen by everybody.
  const traits = s => [
    s.outlineStyle === "none" || s.outlineWidth === "0px" ? "" : s.outline,
    s.boxShadow, s.backgroundColor, s.borderBottomWidth === "0px" ? "" : s.borderBottom,
  ].join();
  const label = e => e.labels?.[0];
  // A radio button or a tick is drawn by its label.
  const look = e => [[e, null], [e, "::before"], [label(e), null], [label(e), "::before"]]
    .filter(([of]) => of)
    .map(([of, part]) => traits(getComputedStyle(of, part))).join(";");
  const covers = (top, e) => top === null || e.contains(top) || top.contains(e) || label(e)?.contains(top) || top.control === e;
  const within = e => {
    const r = e.getBoundingClientRect();
    const x = (Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2, y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
    return r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth && covers(document.elementFromPoint(x, y), e);
  };
  return {
    remember() {
      for (const e of document.querySelectorAll(every)) if (e !== document.activeElement && !plain.has(e)) plain.set(e, look(e));
      return true;
    },
    stop() {
      const e = document.activeElement ?? document.body;
      const group = e.type === "radio" ? [...document.getElementsByName(e.name)].filter(r => r.form === e.form) : [];
      return {
        group: group.map(r => label(r)?.innerText.trim() ?? ""), checked: !!e.checked,
        shown: plain.get(e) !== look(e), within: within(e), html: e.outerHTML.slice(0, 200),
      };
    },
  };
})();
