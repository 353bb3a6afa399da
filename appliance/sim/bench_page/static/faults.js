// Breaking things: one button for each fault that people meet, a menu for all the others.
import { send } from "./link.js";

const PRINTER = {
  paper_out: "out of paper", paper_near_end: "paper near its end", cover_open: "cover open", cutter: "cutter jammed",
  silent: "says nothing", stalled: "takes no data", unplugged: "cable pulled", garbage: "answers garbage",
  power_lost: "switched off",
};
const buttons = [...document.querySelectorAll(".fault")];
const more = document.getElementById("more");

/** Shows {faults: {device: [names]}, current: {device: name or null}}. */
export function showFaults({ faults, current }) {
  for (const button of buttons) {
    const { device, fault } = button.dataset;
    button.hidden = !faults[device]?.includes(fault);
    if (device !== "daemon") button.setAttribute("aria-pressed", current[device] === fault);
  }
  const printer = document.getElementById("printer");
  printer.dataset.state = current.printer ?? "ready";
  document.getElementById("printer-says").textContent = PRINTER[current.printer] ?? "ready";
  for (const [device, names] of Object.entries(faults)) {
    if (device !== "daemon") menu(device, names).value = current[device] ?? "";
  }
}

function menu(device, names) {
  const known = document.getElementById(`fault-${device}`);
  if (known) return known;
  const label = Object.assign(document.createElement("label"), { textContent: device.replace(".", " ") });
  const select = Object.assign(document.createElement("select"), { id: `fault-${device}` });
  select.append(new Option("works", ""), ...names.map((name) => new Option(name.replaceAll("_", " "), name)));
  select.addEventListener("change", () => set(device, select.value || null));
  label.append(select);
  more.append(label);
  return select;
}

async function set(device, fault) {
  const answer = await send("fault", { device, fault });
  if (answer) showFaults(answer);
}

for (const button of buttons) {
  button.addEventListener("click", async () => {
    const { device, fault } = button.dataset;
    const on = button.getAttribute("aria-pressed") === "true";
    await set(device, on ? null : fault);
  });
}
