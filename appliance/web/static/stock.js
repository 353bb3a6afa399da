// The shelf: what is low, what came in or broke; and what is sent later: parcels, the courier's list.

import { act, ask, byId, fill, read, redraw, say } from "./box.js";

const MOVES_SHOWN = 3;
const HANDOFFS_SHOWN = 3;
const DUE = { volume: "More waits to be sent than you can carry.", window_closed: "The sales window has closed." };
const WORDS = { "stock.delivered": "came in", "stock.wasted": "broke", "stock.corrected": "counted", "stock.low": "is running low" };
const move = act();
const handOver = act();
let shownSeq = -1;

export function showLow(low) {
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
  const [stock, parcels] = await Promise.all(["/stock", "/parcels"].map(read)).catch(() => [null, null]);
  if (!stock) return;
  showOffers(stock.offers);
  const names = new Map(stock.offers.map((offer) => [offer.offer, offer.name]));
  redraw("moves", stock.moves.slice(0, MOVES_SHOWN).map((one) => moveRow(one, names)));
  showParcels(parcels);
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

function showParcels({ parcels, handoffs, due }) {
  const waiting = parcels.filter((parcel) => parcel.state === "ordered");
  const toSend = waiting.filter((parcel) => parcel.way !== "pickup");
  const isLocked = waiting.some((parcel) => parcel.contact === null);
  byId("parcels-part").hidden = parcels.length === 0;
  say("parcels-due", due ? `${DUE[due]} ${isLocked ? "Unlock the names, and the courier's list is printed." : "The courier's list is being printed."}` : "");
  byId("contacts-unlock").hidden = !isLocked;
  byId("courier").hidden = toSend.length === 0;
  byId("courier").textContent = `Hand ${toSend.length} over to a courier`;
  redraw("parcels", waiting.map(parcelRow));
  redraw("handoffs", handoffs.slice(0, HANDOFFS_SHOWN).map(handoffRow));
}

function parcelRow(parcel) {
  const what = parcel.items.map((item) => `${item.quantity} × ${item.name}`).join(", ");
  const row = fill("parcel-row", {
    name: parcel.contact?.name ?? `Order ${parcel.order}`,
    what: `${parcel.tier}, receipt ${parcel.receipt}`,
    message: what,
  });
  const word = parcel.way === "pickup" ? "Picked up" : "We bring it";
  row.querySelector(".acts").append(button(word, `parcel ${parcel.external_id}`, () => handOver(`/parcels/${parcel.external_id}/hand-over`)));
  return row;
}

function handoffRow({ number, at }) {
  const made = new Date(at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  const row = fill("parcel-row", { name: `Courier's list ${number}`, what: made, message: "" });
  row.querySelector(".acts").append(
    button("Print again", `print ${number}`, () => handOver(`/handoffs/${number}/print`)),
    button("CSV", `csv ${number}`, () => save(number)),
  );
  return row;
}

async function save(number) {
  const { csv } = await read(`/handoffs/${number}`);
  const address = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: address, download: `courier-list-${number}.csv` }).click();
  URL.revokeObjectURL(address);
}

function button(text, key, work) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "quiet";
  node.textContent = text;
  node.dataset.key = key;
  node.addEventListener("click", () => attempt(work, node));
  return node;
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

function onUnlock(event) {
  event.preventDefault();
  attempt(() => ask("/door/unlock", { pin: byId("contacts-pin").value }), event.submitter);
  byId("contacts-pin").value = "";
}

byId("stock-form").addEventListener("submit", onMove);
byId("contacts-unlock").addEventListener("submit", onUnlock);
byId("courier").addEventListener("click", () => attempt(() => handOver("/handoffs"), byId("courier")));
