// The door's search by name: unlocked by the owner's PIN, then large buttons for the tickets that were found.

import { act, byId, explain, fill, redraw, say, text } from "./box.js";
import { isEnglish } from "./i18n.js";

const ask = act();
let admit = null;
let state = "";
let turn = 0; // of what was done here

// `onAdmit(ticket id)` has it decided and shown.
export function watchNames(onAdmit) {
  admit = onAdmit;
  byId("unlock").addEventListener("submit", (event) => attempt(event, unlock));
  byId("names").addEventListener("submit", (event) => attempt(event, search));
  byId("lock-names").addEventListener("click", (event) => attempt(event, lock));
}

// Takes what /door says, asked for after this: before an unlock or a lock that was answered meanwhile, it is older.
export function askNames() {
  const mine = turn;
  return (said) => mine === turn && showNames(said);
}

// Whether names can be searched, and if not, why.
function showNames({ state: now, message }) {
  byId("names-why").textContent = isEnglish() || !message ? message : text(`names_${now}`);
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
    say("names-problem", explain(error));
  }
}

async function unlock() {
  const pin = byId("owner-pin").value;
  byId("owner-pin").value = "";
  await change("/door/unlock", { pin });
  byId("holder").focus();
}

const lock = () => change("/door/lock");

async function change(path, body = {}) {
  const said = await ask(path, body);
  turn += 1;
  showNames(said);
}

async function search() {
  const { found, more } = await ask("/door/search", { name: byId("holder").value });
  redraw("found", found.map(button));
  byId("found-more").textContent = found.length === 0 ? text("found_nobody") : more ? text("found_more") : "";
}

function button(one) {
  const standing = one.status !== "valid" ? text(`ticket_${one.status}`) : one.used ? text("used_at", { time: one.used_at }) : text("not_used");
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
