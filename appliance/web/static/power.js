// The battery: the chip at the top, the warning, and the day's curve.

import { byId, clock, explain, read, text } from "./box.js";

const REFRESH_MS = 60_000;
const WIDTH = 300;
const HEIGHT = 80;
const GAP_MS = 20 * 60_000; // the box was off in between: no line is drawn over it
let again = 0; // the timer of the next look

function span(minutes) {
  if (minutes < 60) return text("minutes", { count: minutes });
  return text("hours", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

function words({ charge_pct: charge, battery_mv: mv, charging, left_min: left, left_error_min: error }) {
  const level = charge === null || charge === undefined ? `${(mv / 1000).toFixed(1)} V` : `${charge} %`;
  if (charging) return text("battery_charging", { charge: level });
  return left === null || left === undefined ? level : text("battery_left", { charge: level, time: span(left), error: span(error) });
}

const tells = (battery) => battery.present !== false && [battery.charge_pct, battery.battery_mv].some((value) => Number.isFinite(value));

// `now` is the state of the box.
export function showBattery({ battery, closing }) {
  const chip = byId("battery");
  chip.hidden = !tells(battery);
  if (!chip.hidden) chip.textContent = text("battery", { charge: words(battery) });
  chip.className = `chip ${{ low: "low", critical: "bad" }[battery.state] ?? ""}`;
  const warned = battery.state === "low" || battery.state === "critical";
  byId("power-warning").textContent = closing ? explain({ code: "closing", message: closing.message }) : warned ? text("battery_low", { charge: words(battery) }) : "";
  byId("power-warning").hidden = !byId("power-warning").textContent;
}

// What is shown stays where the box does not answer.
export async function showPower() {
  clearTimeout(again);
  again = setTimeout(showPower, REFRESH_MS);
  const found = await read("/power").catch(() => null);
  if (found) showCard(found);
}

function showCard({ battery, curve, limits }) {
  byId("power-card").hidden = !tells(battery);
  byId("power-now").textContent = tells(battery) ? words(battery) : "";
  draw(curve.filter((sample) => sample.charge_pct !== null), limits);
}

function draw(samples, limits) {
  byId("power-curve").toggleAttribute("hidden", samples.length < 2); // SVG has no property for it
  byId("power-hours").textContent = samples.length < 2 ? text("curve_begins") : "";
  if (samples.length < 2) return;
  const times = samples.map((sample) => Date.parse(sample.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = (time) => (((time - first) / Math.max(1, last - first)) * WIDTH).toFixed(1);
  const y = (charge) => (HEIGHT - (charge / 100) * HEIGHT).toFixed(1);
  const path = samples.map(({ charge_pct: charge }, place) => {
    const goesOn = place > 0 && Math.abs(times[place] - times[place - 1]) <= GAP_MS;
    return `${goesOn ? "L" : "M"}${x(times[place])} ${y(charge)}`;
  });
  byId("power-line").setAttribute("d", path.join(""));
  byId("power-low").setAttribute("d", `M0 ${y(limits.low_pct)}H${WIDTH}`);
  byId("power-hours").textContent = text("curve_span", { first: clock(first), last: clock(last), before: Math.round(samples[0].charge_pct), after: Math.round(samples.at(-1).charge_pct) });
}
