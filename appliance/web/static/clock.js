// The box's clock beside this tablet's: put forward by itself where the owner is signed in, put back if he asks for it.

import { act, boxNow, byId, explain, read, say, text } from "./box.js";
import { locale } from "./i18n.js";

const LOOK_MS = 60_000;
const SAME_MS = 60_000; // the box sets nothing for less
const mayset = "sets" in byId("clock-card").dataset;
const tell = act();

const sameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();
const words = (when, withDay) => new Date(when).toLocaleString(locale(), { hourCycle: "h23", timeStyle: "short", ...(withDay ? { dateStyle: "medium" } : {}) });

async function setBox(asked) {
  say("clock-problem", "");
  try {
    const { set } = await tell("/clock", { at: new Date().toISOString(), asked });
    await look();
    if (set) say("clock-told", text("clock_goes", { time: words(boxNow(), true) }));
  } catch (error) {
    say("clock-problem", explain(error));
  }
}

async function look() {
  const { clock } = await read("/state");
  const [box, tablet] = [boxNow(), Date.now()];
  const withDay = !sameDay(box, tablet);
  const differs = Math.abs(tablet - box) >= SAME_MS && clock.quality !== "synced";
  byId("clock-now").textContent = words(box, withDay);
  byId("clock-source").textContent = text(`clock_source_${clock.source}`);
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
