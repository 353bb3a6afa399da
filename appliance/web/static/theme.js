// How bright the screen is. By itself it follows the hour at the stall, and is dim while the box saves power, since
// tablets often hang on the same battery. Somebody may choose; that holds until somebody chooses again.

import { boxNow } from "./box.js";
import { keep, kept } from "./kept.js";

const THEMES = ["auto", "light", "sun", "dim"];
const SAVING = ["saving", "low", "critical"];
const LOOK_MS = 30_000;
const [SUN_FROM, SUN_TO] = [10, 17]; // hours in which daylight outshines a screen
const [DAY_FROM, DAY_TO] = [7, 20];

let chosen = kept("theme", "auto");

// The clock of a tablet may be wrong, and its zone too.
const zone = { timeZone: document.body.dataset.timeZone || "UTC", hour: "numeric", hourCycle: "h23" };
const hour = () => Number(new Intl.DateTimeFormat("en", zone).format(boxNow()));

function byItself() {
  if (SAVING.includes(document.body.dataset.power)) return "dim";
  const now = hour();
  if (now >= SUN_FROM && now < SUN_TO) return "sun";
  return now >= DAY_FROM && now < DAY_TO ? "light" : "dim";
}

function show() {
  document.documentElement.dataset.theme = THEMES.includes(chosen) && chosen !== "auto" ? chosen : byItself();
}

export const theme = () => chosen;

export function chooseTheme(name) {
  chosen = name;
  keep("theme", name);
  show();
}

show();
setInterval(show, LOOK_MS);
new MutationObserver(show).observe(document.body, { attributes: true, attributeFilter: ["data-power"] });
