// Plain forms, which work without any script. With one the page says within three seconds that the box does not answer,
// and a form that is sent then waits: the browser's own page for "no connection" would take away what was typed.

import { byId, say, text } from "./box.js";

const LOOK_MS = 1500;
const ANSWER_MS = 1400;
const isWatched = document.body.matches(".staff, .kiosk"); // these pages watch the box themselves
let isThere = true; // as of the last look
let held = null; // the form that waits for the box, and the button that sends it

async function answers() {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ANSWER_MS);
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: limit.signal }); // also from a box that cannot sell
    await answer.text();
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function tell() {
  const words = isThere ? "" : [text("no_answer"), held ? text("act_waits") : ""].filter(Boolean).join(" ");
  if (!isWatched && byId("link").textContent !== words) say("link", words);
}

// Asked anew before a form goes: the last look may be older than the cut.
async function ask() {
  isThere = await answers();
  tell();
  if (isThere && held) send();
}

async function look() {
  if (!document.hidden && (held || !isWatched)) await ask();
  setTimeout(look, LOOK_MS);
}

function send() {
  const { form, button } = held;
  held = null;
  form.dataset.sure = "yes";
  if (button) button.click();
  else form.submit();
  delete form.dataset.sure; // a download leaves the page where it is
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.sure || event.defaultPrevented) return;
  event.preventDefault();
  held = { form, button: event.submitter };
  ask();
});
look();
