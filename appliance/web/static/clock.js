// The box's clock beside this tablet's: put forward by itself where the owner is signed in, put back if he asks for it.

import { act, boxNow, byId, read, say } from "./box.js";

const LOOK_MS = 60_000;
const SAME_MS = 60_000; // the box sets nothing for less
const SOURCES = {
  network: "set by a time server",
  tablet: "set by a tablet",
  board: "by the battery board's clock",
  computer: "by a clock of its own",
  none: "a guess: it runs on from the last time that it knew",
};
const mayset = "sets" in byId("clock-card").dataset;
const tell = act();

const sameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();
const words = (when, withDay) => new Date(when).toLocaleString([], { hourCycle: "h23", timeStyle: "short", ...(withDay ? { dateStyle: "medium" } : {}) });

async function setBox(asked) {
  say("clock-problem", "");
  try {
    const { set } = await tell("/clock", { at: new Date().toISOString(), asked });
    await look();
    if (set) say("clock-told", `The box goes by this tablet now: ${words(boxNow(), true)}.`);
  } catch (error) {
    say("clock-problem", error.message);
  }
}

async function look() {
  const { clock } = await read("/state");
  const [box, tablet] = [boxNow(), Date.now()];
  const withDay = !sameDay(box, tablet);
  const differs = Math.abs(tablet - box) >= SAME_MS && clock.quality !== "synced";
  byId("clock-now").textContent = words(box, withDay);
  byId("clock-source").textContent = SOURCES[clock.source];
  byId("clock-differs").hidden = !differs;
  byId("clock-tablet").textContent = words(tablet, withDay);
  byId("clock-set").hidden = !differs || !mayset;
  byId("clock-owner").hidden = !differs || mayset;
  if (differs && mayset && tablet > box && clock.source !== "tablet") await setBox(false);
}

const again = () => { if (!document.hidden) look().catch(() => {}); }; // the page itself says when the box is away

byId("clock-set").addEventListener("click", () => setBox(true));
document.addEventListener("visibilitychange", again);
setInterval(again, LOOK_MS);
again();
