// A word about what was just scanned: an icon, a colour, a sentence and a sound; it goes by itself.

import { byId, setIcon } from "./box.js";
import { play } from "./sound.js";

const SHOWN_MS = 6000;
const LOOKS = { good: ["green", "admit", "success"], bad: ["red", "refuse", "error"], note: ["blue", "info", "success"] };

let timer = 0;

export function tell(look, title, message = "") {
  const [colour, icon, sound] = LOOKS[look];
  const box = byId("told");
  box.className = `told-card verdict ${colour}`;
  setIcon(box, icon);
  byId("told-title").textContent = title;
  byId("told-message").textContent = message;
  box.hidden = false;
  play(sound);
  clearTimeout(timer);
  timer = setTimeout(forgetTold, SHOWN_MS);
}

export function forgetTold() {
  byId("told").hidden = true;
  for (const id of ["told-title", "told-message"]) byId(id).textContent = "";
}

byId("told").addEventListener("click", forgetTold);
