// Left alone, the screen asks whether somebody is there, and then forgets what the last person did (WCAG 2.2.1: at
// least 20 s to say so with one simple act). Scrolling is no sign of life: a page that grows scrolls by itself.

import { byId, text } from "./box.js";

const COUNTDOWN_S = 20;
const LOOK_MS = 500;

// `limitMs()` is how long somebody may do nothing now, 0: for ever; `onEnd` forgets.
export function watchIdle(limitMs, onEnd) {
  const dialog = byId("idle");
  let touchedAt = performance.now();
  let askedAt = null;

  function touch() {
    touchedAt = performance.now();
  }

  function stay() {
    askedAt = null;
    touch();
    dialog.close();
  }

  function look() {
    const now = performance.now();
    const limit = limitMs();
    if (askedAt !== null) {
      const left = Math.ceil(COUNTDOWN_S - (now - askedAt) / 1000);
      byId("idle-text").textContent = text("starts_over", { seconds: Math.max(left, 0) });
      if (left > 0) return;
      stay();
      onEnd();
    } else if (limit && now - touchedAt > limit) {
      askedAt = now;
      byId("idle-text").textContent = text("starts_over", { seconds: COUNTDOWN_S });
      dialog.showModal();
    }
  }

  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, touch, { passive: true });
  byId("stay").addEventListener("click", stay);
  dialog.addEventListener("close", stay); // whatever closed it: the next question counts anew
  setInterval(look, LOOK_MS);
  return { touch: stay };
}
