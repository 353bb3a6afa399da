// The door's search by name: unlocked by the owner's PIN, then large buttons for the tickets that were found.

import { act, byId, fill, redraw, say } from "./box.js";

const ask = act();
let admit = null;
let state = "";

// `onAdmit(ticket id)` has it decided and shown.
export function watchNames(onAdmit) {
  admit = onAdmit;
  byId("unlock").addEventListener("submit", (event) => attempt(event, unlock));
  byId("names").addEventListener("submit", (event) => attempt(event, search));
  byId("lock-names").addEventListener("click", (event) => attempt(event, lock));
}

// Show what /door says: whether names can be searched, and if not, why.
export function showNames({ state: now, message }) {
  byId("names-why").textContent = message;
  if (now === state) return;
  state = now;
  byId("unlock").hidden = now !== "locked";
  byId("names").hidden = now !== "open";
  if (now !== "open") forget();
}

async function attempt(event, work) {
  event.preventDefault();
  say("names-problem", "");
  try {
    await work();
  } catch (error) {
    say("names-problem", error.message);
  }
}

async function unlock() {
  const pin = byId("owner-pin").value;
  byId("owner-pin").value = "";
  showNames(await ask("/door/unlock", { pin }));
  byId("holder").focus();
}

async function lock() {
  showNames(await ask("/door/lock"));
}

async function search() {
  const { found, more } = await ask("/door/search", { name: byId("holder").value });
  redraw("found", found.map(button));
  const none = "Nobody of this name. A part of it is enough; accents do not matter.";
  byId("found-more").textContent = found.length === 0 ? none : more ? "There are more: type more of the name." : "";
}

function button(one) {
  const standing = one.status !== "valid" ? one.status : one.used ? `used ${one.used_at}` : "not used";
  const row = fill("found-row", { name: one.name, what: one.ticket_type, standing });
  row.querySelector("button").classList.toggle("spent", one.used || one.status !== "valid");
  row.querySelector("button").addEventListener("click", async () => {
    forget();
    await admit(one.ticket);
  });
  return row;
}

function forget() {
  byId("holder").value = "";
  byId("found").replaceChildren();
  byId("found-more").textContent = "";
}
