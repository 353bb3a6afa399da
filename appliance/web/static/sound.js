// Short sounds of a tap, a success and an error; made here, so that nothing has to be loaded.

import { keep, kept } from "./kept.js";

// frequency (Hz), begin (s), length (s), loudness
const TUNES = {
  tap: [[1300, 0, 0.04, 0.06]],
  success: [[660, 0, 0.14, 0.14], [990, 0.13, 0.24, 0.14]],
  error: [[247, 0, 0.18, 0.16], [185, 0.2, 0.3, 0.16]],
};

let context = null; // browsers give none before a first touch
let isOn = kept("sound", "on") === "on";

export const soundIsOn = () => isOn;

export function switchSound(on) {
  isOn = on;
  keep("sound", on ? "on" : "off");
}

function wake() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!context && Context) context = new Context();
  if (context && context.state === "suspended") context.resume();
}

export function play(name) {
  if (!isOn || !context) return;
  for (const [frequency, begin, length, loudness] of TUNES[name]) {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + begin;
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(loudness, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + length);
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(start + length);
  }
}

for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { passive: true });
document.addEventListener("click", ({ target }) => {
  if (target.closest("button, summary, .way, .jump")) play("tap");
});
