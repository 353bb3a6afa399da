// Devices and paper: how each device is, what was printed, and what to do where nobody knows.

import { act, byId, fill, redraw, setIcon, text } from "./box.js";
import { press } from "./parts.js";
import { tally } from "./views.js";
import { complaint, deviceName, paperName } from "./words.js";

const SHOWN = 5;
const settle = act();

export function showDevices(devices) {
  const all = Object.entries(devices);
  byId("device-list").replaceChildren(...all.map(([name, device]) => {
    const message = [device.reason, device.advice].map(complaint).filter(Boolean).join(" ");
    const row = fill("device-row", { name: deviceName(name), word: text(`health_${device.state}`), message });
    row.className = device.state;
    setIcon(row, device.state);
    return row;
  }));
  tally("devices", all.filter(([, device]) => device.state === "offline" || device.state === "degraded").length, text("tally_devices"));
}

export function showPrints(prints, refresh) {
  const unsure = prints.filter((job) => job.status === "unsure");
  const others = prints.filter((job) => job.status !== "unsure").slice(0, SHOWN);
  byId("no-prints").hidden = prints.length > 0;
  redraw("prints", [...unsure, ...others].map((job) => {
    const row = fill("print-row", { name: paperName(job.subject), word: text(`print_${job.status}`), message: complaint(job.reason) });
    row.querySelector(".acts").append(...buttons(job, refresh));
    return row;
  }));
}

function buttons(job, refresh) {
  const path = `/prints/${job.id}`;
  const word = (onPaper) => settle(`${path}/settle`, { on_paper: onPaper });
  if (job.status === "unsure") {
    return [button(text("on_paper"), () => word(true), `paper ${job.id}`, refresh), button(text("print_again"), () => word(false), `again ${job.id}`, refresh)];
  }
  return job.status === "printed" ? [button(text("copy"), () => settle(`${path}/reprint`), `copy ${job.id}`, refresh)] : [];
}

function button(face, work, key, refresh) {
  const node = document.createElement("button");
  node.dataset.key = key;
  node.className = "quiet";
  node.textContent = face;
  node.addEventListener("click", () => press("print-problem", node, async () => {
    await work();
    await refresh();
  }));
  return node;
}
