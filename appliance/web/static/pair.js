// A tablet that waits to be accepted: once it is, it goes on to what it is for. A code that is not good any more, as after
// ten minutes or a start of the box, goes from the screen.

import { byId } from "./box.js";

const ASK_MS = 2000;

async function look() {
  const answer = await fetch("/pair", { cache: "no-store" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const to = page && page.getElementById("go");
  if (to) return location.replace(to.getAttribute("href"));
  if (page && page.getElementById("code")?.textContent !== byId("code").textContent) return location.replace("/pair");
  return setTimeout(look, ASK_MS);
}

if (byId("code")) look();
