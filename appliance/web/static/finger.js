// Nothing moves under a finger, or its tap misses: what would move something waits until it is lifted and has clicked.

const CLICK_MS = 150; // from lifting a finger to its click, on a slow tablet
const HELD_MS = 600; // longer it is no tap: a hand rests on the screen

let lifted = Promise.resolve();

addEventListener("pointerdown", () => {
  lifted = new Promise((resolve) => {
    for (const kind of ["click", "pointercancel"]) addEventListener(kind, () => setTimeout(resolve), { once: true });
    addEventListener("pointerup", () => setTimeout(resolve, CLICK_MS), { once: true }); // where no click follows
    setTimeout(resolve, HELD_MS);
  });
}, true);

export const whenLifted = () => lifted;
