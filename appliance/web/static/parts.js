// A part of a page that shows what the box keeps: read anew for each seq of the box, and after what is done to it here.

import { explain, say } from "./box.js";

// One reading after the other, so that an older answer never comes last; whoever asks meanwhile shares the next.
export function inTurn(read) {
  let running = Promise.resolve();
  let next = null;
  return () => {
    next ??= running.catch(() => {}).then(() => {
      next = null;
      running = read();
      return running;
    });
    return next;
  };
}

// Do what `button` is for, and say what went wrong.
export async function press(problem, button, work) {
  say(problem, "");
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    say(problem, explain(error));
  } finally {
    button.disabled = false;
  }
}

export function part(read, { problem = "", isWanted = () => true } = {}) {
  const look = inTurn(read);
  let shownSeq = -1;

  // Takes the state of the box. What cannot be read stays as it is shown, and the next state has it read.
  async function show({ seq }) {
    if (seq === shownSeq || !isWanted()) return;
    await look();
    shownSeq = seq;
  }

  // Do something to it, and show what came of it.
  const attempt = (work, button) => press(problem, button, async () => {
    await work();
    await look().catch(() => {}); // it is done; the next state has this read anew
  });

  return { look, show, attempt };
}
