// Devices and paper: how each device is, what was printed, and what to do where nobody knows.

import { act, byId, fill, redraw, say, setIcon } from "./box.js";
import { tally } from "./views.js";

const HEALTH = { ready: "Ready", degraded: "See to it", offline: "Offline", absent: "Not fitted" };
const SHOWN = 5;
const settle = act();

export function showDevices(devices) {
  const all = Object.entries(devices);
  byId("device-list").replaceChildren(...all.map(([name, device]) => {
    const message = [device.reason, device.advice].filter(Boolean).join(" ");
    const row = fill("device-row", { name, word: HEALTH[device.state], message });
    row.className = device.state;
    setIcon(row, device.state);
    return row;
  }));
  tally("devices", all.filter(([, device]) => device.state === "offline" || device.state === "degraded").length, "to see to");
}

export function showPrints(prints, refresh) {
  const unsure = prints.filter((job) => job.status === "unsure");
  const others = prints.filter((job) => job.status !== "unsure").slice(0, SHOWN);
  byId("no-prints").hidden = prints.length > 0;
  redraw("prints", [...unsure, ...others].map((job) => {
    const row = fill("print-row", { name: job.subject, word: job.status, message: job.reason });
    row.querySelector(".acts").append(...buttons(job, refresh));
    return row;
  }));
}

function buttons(job, refresh) {
  const path = `/prints/${job.id}`;
  const word = (onPaper) => settle(`${path}/settle`, { on_paper: onPaper });
  if (job.status === "unsure") {
    return [button("It is on paper", () => word(true), `paper ${job.id}`, refresh), button("Print again", () => word(false), `again ${job.id}`, refresh)];
  }
  return job.status === "printed" ? [button("Copy", () => settle(`${path}/reprint`), `copy ${job.id}`, refresh)] : [];
}

function button(text, work, key, refresh) {
  const node = document.createElement("button");
  node.dataset.key = key;
  node.className = "quiet";
  node.textContent = text;
  node.addEventListener("click", async () => {
    node.disabled = true;
    say("print-problem", "");
    try {
      await work();
      await refresh();
    } catch (error) {
      say("print-problem", error.message);
    }
    node.disabled = false;
  });
  return node;
}
