// The shelf: what is low, what came in or broke.

import { act, byId, clock, fill, read, redraw, say, text } from "./box.js";
import { part } from "./parts.js";
import { tally } from "./views.js";

const MOVES_SHOWN = 3;
const move = act();
const shelf = part(refresh, { problem: "stock-problem" });

function showLow(low) {
  tally("stock", low.length, text("tally_stock"));
  byId("low-badge").textContent = text("low_badge", { count: low.length });
  byId("low-badge").parentElement.hidden = low.length === 0;
  redraw("low", low.map((offer) => fill("low-row", { name: offer.name, stock: offer.stock ? text("stock_left", { count: offer.stock }) : text("none_left") })));
}

// `now` is the state of the box.
export async function showStock(now) {
  showLow(now.low_stock);
  await shelf.show(now);
}

async function refresh() {
  const stock = await read("/stock");
  showOffers(stock.offers);
  const names = new Map(stock.offers.map((offer) => [offer.offer, offer.name]));
  redraw("moves", stock.moves.slice(0, MOVES_SHOWN).map((one) => moveRow(one, names)));
}

function showOffers(offers) {
  const list = byId("stock-offer");
  const chosen = list.value;
  list.replaceChildren(...offers.map((offer) => new Option(`${offer.name} · ${offer.stock ?? text("no_limit")}`, offer.offer)));
  if (offers.some((offer) => offer.offer === chosen)) list.value = chosen;
}

function moveRow(one, names) {
  const count = one.quantity ?? one.to ?? one.stock ?? text("no_limit");
  const move = text(one.kind.replace("stock.", "move_"), { count });
  const said = [one.reason ?? one.note, clock(one.at)];
  return fill("move-row", {
    name: names.get(one.offer) ?? one.offer,
    word: one.quantity === undefined ? move : text("there_now", { move, count: one.to }),
    message: said.filter(Boolean).join(" · "),
  });
}

function onMove(event) {
  event.preventDefault();
  const [kind, pieces, why] = [event.submitter?.value ?? "deliveries", byId("stock-pieces").value.trim(), byId("stock-why").value.trim()];
  if (!/^\d{1,7}$/.test(pieces)) return say("stock-problem", text("type_pieces"));
  if (kind === "waste" && !why) return say("stock-problem", text("write_why"));
  const bodies = {
    deliveries: { quantity: Number(pieces), note: why },
    waste: { quantity: Number(pieces), reason: why },
    stock: { stock: Number(pieces), reason: why || "counted" },
  };
  shelf.attempt(async () => {
    await move(`/offers/${byId("stock-offer").value}/${kind}`, bodies[kind]);
    for (const id of ["stock-pieces", "stock-why"]) byId(id).value = "";
  }, event.submitter ?? byId("stock-form").querySelector("button"));
}

byId("stock-form").addEventListener("submit", onMove);
