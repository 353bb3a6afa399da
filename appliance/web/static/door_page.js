// The page of a tablet that is for the door alone.

import { ready, watch } from "./box.js";
import { showDoor, startDoor } from "./door.js";
import { part } from "./parts.js";
import { showBattery } from "./power.js";
import { startViews } from "./views.js";
import { showWindow } from "./window.js";

const { show: showVerdicts } = part(showDoor);

async function onState(now) {
  showWindow(now.window);
  showBattery(now);
  await showVerdicts(now);
}

startDoor();
startViews("door");
watch(onState);
ready();
