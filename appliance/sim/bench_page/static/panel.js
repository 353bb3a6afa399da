// The panel: lamps, buzzer and button, as their pins are.
import { send } from "./link.js";
import { watchLamp } from "./scan.js";

const STATES = { off: "off", on: "on", slow: "blinks slowly", fast: "blinks fast" };
const STATUS = { off: "waiting for a scan", on: "good: come in", slow: "not ready to sell", fast: "refused" };
const PRESS_S = 0.3;
const SOUND_MS = 1500;
const LONG_S = 0.4; // one long tone lets people in; short ones do not

const buzzer = document.getElementById("buzzer");
const buzzerSays = document.getElementById("buzzer-says");
const push = document.getElementById("push");
let beepsBefore = null;
let quietAt = 0;

/** Shows {lamps: {name: state}, buzzer: {state, beeps_s}, lights: {name: state}}. */
export function showPanel(panel) {
  for (const [name, state] of Object.entries({ ...panel.lamps, ...panel.lights })) {
    const lamp = document.querySelector(`[data-lamp="${name}"].lamp`);
    if (!lamp) continue;
    lamp.dataset.state = state;
    lamp.querySelector("span").textContent = STATES[state];
  }
  document.getElementById("status-says").textContent = STATUS[panel.lamps.status];
  document.getElementById("power-says").textContent = power(panel.lamps);
  showBuzzer(panel.buzzer);
}

function power({ green, amber, red }) {
  const level = red === "fast" ? "Battery almost empty" : red !== "off" ? "Battery low" : amber !== "off" ? "Saving power" : "";
  if (green === "slow") return level ? `${level}, charging` : "Charging";
  return level || (green === "on" ? "Power is fine" : "Power lamps are dark");
}

function showBuzzer({ state, beeps_s: beeps }) {
  const now = JSON.stringify(beeps);
  const heard = beepsBefore !== null && now !== beepsBefore;
  beepsBefore = now;
  if (state === "off" && !heard) return;
  const last = beeps.at(-1) ?? 0;
  buzzer.dataset.state = "on";
  buzzerSays.textContent = last >= LONG_S ? "one long tone" : beeps.length ? "short tones" : "sounding";
  quietAt = performance.now() + SOUND_MS;
}

setInterval(() => {
  watchLamp(document.querySelector(".lamp.status").dataset.state);
  if (performance.now() < quietAt || buzzer.dataset.state === "off") return;
  buzzer.dataset.state = "off";
  buzzerSays.textContent = "quiet";
}, 200);

push.addEventListener("click", async () => {
  push.classList.add("held");
  await send("button", { seconds: PRESS_S });
  push.classList.remove("held");
});
