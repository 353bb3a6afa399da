// Scanning: the form, the suggested codes, and what the status lamp made of each.
import { send } from "./link.js";

const KEPT = 2;
const SETTLED_MS = [700, 2400]; // before, blinking is not told from lit; after, the lamp is off again

const form = document.getElementById("scan");
const list = document.getElementById("scans");
let newest = null; // {row, at, lamp}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  scan(form.elements.code.value);
  form.elements.code.select();
});

for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    form.elements.code.value = chip.dataset.code;
    scan(chip.dataset.code);
  });
}

async function scan(code) {
  const sent = await send("scan", { scanner: form.elements.scanner.value, code });
  if (sent) note(sent);
}

function note({ scanner, code }) {
  const row = document.createElement("li");
  const parts = [["b", code], ["span", `${scanner}, ${new Date().toLocaleTimeString("en-GB")}`], ["em", "…"]];
  row.append(...parts.map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
  list.querySelector(".none")?.remove();
  list.prepend(row);
  while (list.children.length > KEPT) list.lastElementChild.remove();
  settle();
  newest = { row, at: performance.now(), lamp: "" };
}

/** Learns from the status lamp how the newest scan went; the lamp is all that a person at the door sees, too. */
export function watchLamp(state) {
  if (!newest) return;
  const age = performance.now() - newest.at;
  if (age > SETTLED_MS[1]) return settle();
  if (age < SETTLED_MS[0]) return;
  if (state === "fast" || state === "on") {
    newest.lamp = state; // the last word counts: at first the lamp may still show the scan before
    mark();
  }
}

function settle() {
  if (newest) mark();
  newest = null;
}

function mark() {
  const words = { on: "lamp lit: good", fast: "lamp blinked: refused", "": "no light: see staff" };
  newest.row.dataset.lamp = newest.lamp || "none";
  newest.row.lastElementChild.textContent = words[newest.lamp];
}
