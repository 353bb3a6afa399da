// The sales window on every screen: its name, and how long it is still open or until it opens.

import { boxNow, byId, text } from "./box.js";
import { locale, onLanguage } from "./i18n.js";

const LAST_CALL_MS = 15 * 60_000;
const DAY_MS = 24 * 3600_000;

let shown = null;

export function left(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const [mm, ss] = [minutes, seconds % 60].map((number) => String(number).padStart(2, "0"));
  return hours ? `${hours}:${mm}:${ss}` : `${mm}:${ss}`;
}

// The day at the stall, wherever the tablet thinks it is.
function day(at) {
  return new Date(at).toLocaleDateString(locale(), { timeZone: document.body.dataset.timeZone, weekday: "short", day: "numeric", month: "short" });
}

export function showWindow(window) {
  shown = window;
  tick();
}

function tick() {
  const chip = byId("window");
  chip.hidden = !shown;
  if (!shown) return;
  const isOpen = shown.state === "open";
  const ms = Date.parse(isOpen ? shown.closes_at : shown.opens_at) - boxNow();
  const isLastCall = isOpen && ms <= LAST_CALL_MS;
  byId("window-name").textContent = text(isLastCall ? "last_call" : isOpen ? "open_now" : "next_window", { window: shown.name });
  byId("window-left").textContent = isOpen ? text("time_left", { time: left(ms) }) : ms < DAY_MS ? text("opens_in", { time: left(ms) }) : day(shown.opens_at);
  chip.classList.toggle("open", isOpen && !isLastCall);
  chip.classList.toggle("low", isLastCall);
}

setInterval(tick, 1000);
onLanguage(tick);
