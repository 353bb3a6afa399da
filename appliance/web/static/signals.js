// What people did at this tablet: browsed, tried, bought. Nothing of who they are; and never in the way of an order.

import { act } from "./box.js";

const QUIETLY = { onSlow() {} }; // nobody waits for its answer
const MOST_TRIED = 4; // a guest's acts are paced by the box, and orders go first
let tried = new Set();

function note(what, persona, offer) {
  act()("/signals", { what, ...(persona ? { persona } : {}), ...(offer ? { offer } : {}) }, QUIETLY).catch(() => {});
}

export function browsed() {
  tried = new Set();
  note("browsed");
}

export function triedOffer(id, isMember) {
  if (tried.has(id) || tried.size >= MOST_TRIED) return;
  tried.add(id);
  note("tried", isMember ? "member" : "", id);
}

export const bought = (isMember) => note("bought", isMember ? "member" : "shopper");
