// A scanner's calibration card: printed, and shown here to be scanned from the screen.

import { act, byId, explain, say, text } from "./box.js";
import { drawCode } from "./transfer.js";

const expect = act();
let offered = "";

// Called with each new state.
export function showScanners({ devices }) {
  const names = Object.keys(devices).filter((name) => name.startsWith("scanner.")).map((name) => name.slice(8));
  byId("calibration").hidden = names.length === 0;
  if (String(names) === offered) return;
  offered = String(names);
  byId("crooked").replaceChildren(...names.map((name) => new Option(name, name)));
}

byId("calibrate").addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const id of ["calibration-said", "calibration-problem"]) say(id, "");
  try {
    const { scanner, wait_s: waitS, code } = await expect("/door/calibration", { scanner: byId("crooked").value });
    drawCode(byId("calibration-card"), code);
    byId("calibration-card").toggleAttribute("hidden", false);
    say("calibration-said", text("calibration_how", { scanner, minutes: waitS / 60 }));
  } catch (error) {
    say("calibration-problem", explain(error));
  }
});
