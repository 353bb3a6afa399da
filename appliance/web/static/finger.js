// Nothing moves under a finger, or its tap misses: what would move something waits until it is lifted and has clicked.

const CLICK_MS = 150; // from lifting a finger to its click, on a slow tablet
const HELD_MS = 600; // longer it is no tap: a hand rests on the screen

let lifted = Promise.resolve();
let lift = () => {};

addEventListener("pointerdown", () => {
  lifted = new Promise((resolve) => { lift = resolve; });
  setTimeout(lift, HELD_MS);
}, true);
for (const kind of ["click", "pointercancel"]) addEventListener(kind, () => setTimeout(lift));
addEventListener("pointerup", () => setTimeout(lift, CLICK_MS)); // where no click follows

export const whenLifted = () => lifted;

// A field that was changed: what ends the typing may be a tap elsewhere.
export const onTyped = (field, work) => field.addEventListener("change", () => lifted.then(work));
