// The bench: asks what the emulated devices show twice a second, and sends what hands do.
import { look } from "./link.js";
import { showBattery } from "./battery.js";
import { showFaults } from "./faults.js";
import { showPanel } from "./panel.js";
import { showPaper } from "./paper.js";
import "./scan.js";

const POLL_MS = 500;
const views = [
  ["panel", showPanel],
  ["battery", showBattery],
  ["fault", showFaults],
  ["paper?format=sheets&last=12", showPaper],
];

async function round() {
  if (!document.hidden) await Promise.allSettled(views.map(([address, show]) => look(address, show)));
  setTimeout(round, POLL_MS);
}

round();
