// The battery: what the sliders say goes to the board; what the board says moves the sliders.
import { send } from "./link.js";

const HANDS_OFF_MS = 1500; // a slider under a hand is not moved

const charge = document.getElementById("charge");
const charging = document.getElementById("charging");
const temperature = document.getElementById("temperature");
let touchedAt = -HANDS_OFF_MS;
let waiting = null; // changes to send next
let busy = false;

/** Shows {charge_pct, charging, temperature_c}. */
export function showBattery(battery) {
  if (performance.now() - touchedAt < HANDS_OFF_MS) return;
  charge.value = battery.charge_pct;
  charging.checked = battery.charging;
  if (document.activeElement !== temperature) temperature.value = battery.temperature_c;
  draw();
}

function draw() {
  const cell = document.getElementById("cell");
  cell.style.setProperty("--charge", charge.value);
  cell.dataset.level = charge.value <= 10 ? "empty" : charge.value <= 25 ? "low" : charge.value <= 50 ? "half" : "full";
  cell.dataset.charging = charging.checked;
  document.getElementById("charge-says").textContent = `${charge.value} %`;
}

async function change(changes) {
  touchedAt = performance.now();
  draw();
  waiting = { ...waiting, ...changes };
  if (busy) return; // one at a time; the newest is sent when the last has arrived
  busy = true;
  while (waiting) {
    const next = waiting;
    waiting = null;
    await send("battery", next);
  }
  busy = false;
}

charge.addEventListener("input", () => change({ charge_pct: charge.valueAsNumber }));
charging.addEventListener("change", () => change({ charging: charging.checked }));
temperature.addEventListener("change", () => {
  if (temperature.checkValidity() && temperature.value !== "") change({ temperature_c: temperature.valueAsNumber });
});
