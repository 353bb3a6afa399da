// The shelf: what is low, what came in or broke.

import { act, byId, fill, read, redraw, say } from "./box.js";
import { tally } from "./views.js";

const MOVES_SHOWN = 3;
const WORDS = { "stock.delivered": "came in", "stock.wasted": "broke", "stock.corrected": "counted", "stock.low": "is running low" };
const move = act();
let shownSeq = -1;

function showLow(low) {
  tally("stock", low.length, "running low");
  byId("low-badge").textContent = `Low: ${low.length}`;
  byId("low-badge").parentElement.hidden = low.length === 0;
  redraw("low", low.map((offer) => fill("low-row", { name: offer.name, stock: offer.stock ? `${offer.stock} left` : "none left" })));
}

// `now` is the state of the box; its seq grows with every change.
export async function showStock(now) {
  showLow(now.low_stock);
  if (now.seq === shownSeq) return;
  shownSeq = now.seq;
  await refresh();
}

async function refresh() {
  const stock = await read("/stock").catch(() => null);
  if (!stock) return;
  showOffers(stock.offers);
  const names = new Map(stock.offers.map((offer) => [offer.offer, offer.name]));
  redraw("moves", stock.moves.slice(0, MOVES_SHOWN).map((one) => moveRow(one, names)));
}

function showOffers(offers) {
  const list = byId("stock-offer");
  const chosen = list.value;
  list.replaceChildren(...offers.map((offer) => new Option(`${offer.name} · ${offer.stock ?? "no limit"}`, offer.offer)));
  if (offers.some((offer) => offer.offer === chosen)) list.value = chosen;
}

function moveRow(one, names) {
  const pieces = one.quantity ?? one.to ?? one.stock ?? "no limit";
  const after = one.quantity === undefined ? "" : `, ${one.to} there now`;
  const said = [one.reason ?? one.note, new Date(one.at).toLocaleTimeString([], { timeStyle: "short" })];
  return fill("move-row", {
    name: names.get(one.offer) ?? one.offer,
    word: `${WORDS[one.kind]}: ${pieces}${after}`,
    message: said.filter(Boolean).join(" · "),
  });
}

async function attempt(work, node) {
  say("stock-problem", "");
  node.disabled = true;
  try {
    await work();
    await refresh();
    return true;
  } catch (error) {
    say("stock-problem", error.message);
    return false;
  } finally {
    node.disabled = false;
  }
}

function onMove(event) {
  event.preventDefault();
  const [kind, pieces, why] = [event.submitter?.value ?? "deliveries", byId("stock-pieces").value.trim(), byId("stock-why").value.trim()];
  if (!/^\d{1,7}$/.test(pieces)) return say("stock-problem", "Type how many pieces, such as 12.");
  if (kind === "waste" && !why) return say("stock-problem", "Write why: it stands in the journal.");
  const bodies = {
    deliveries: { quantity: Number(pieces), note: why },
    waste: { quantity: Number(pieces), reason: why },
    stock: { stock: Number(pieces), reason: why || "counted" },
  };
  attempt(async () => {
    await move(`/offers/${byId("stock-offer").value}/${kind}`, bodies[kind]);
    for (const id of ["stock-pieces", "stock-why"]) byId(id).value = "";
  }, event.submitter ?? byId("stock-form").querySelector("button"));
}

byId("stock-form").addEventListener("submit", onMove);
