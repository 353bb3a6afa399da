// A card that shows what the box sees just now: drawn anew every few seconds, unless somebody is in the middle of it.

import { byId } from "./box.js";

const EVERY_MS = 3000;

async function look() {
  const answer = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
  const found = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const now = byId("live");
  if (!now) return;
  for (const list of found ? found.querySelectorAll(".list") : []) {
    const place = [...found.querySelectorAll(".list")].indexOf(list);
    now.querySelectorAll(".list")[place]?.replaceChildren(...list.children);
  }
}

setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
