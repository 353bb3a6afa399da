// The page of a tablet that is for the door alone.

import { ready, watch } from "./box.js";
import { showDoor, startDoor } from "./door.js";
import { showBattery } from "./power.js";
import { startViews } from "./views.js";
import { showWindow } from "./window.js";

let shownSeq = -1;

async function onState(now) {
  showWindow(now.window);
  showBattery(now);
  if (now.seq === shownSeq) return;
  await showDoor();
  shownSeq = now.seq;
}

startDoor();
startViews("door");
watch(onState);
ready();
