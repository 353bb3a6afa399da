// What is sent later or picked up: parcels, the courier's list.

import { act, ask, byId, dated, fill, read, redraw, say, text } from "./box.js";
import { part } from "./parts.js";

const HANDOFFS_SHOWN = 3;
const handOver = act();
const { show, attempt } = part(refresh, { problem: "parcels-problem" });
export const showParcels = show;

async function refresh() {
  draw(await read("/parcels"));
}

function draw({ parcels, handoffs, due }) {
  const waiting = parcels.filter((parcel) => parcel.state === "ordered");
  const toSend = waiting.filter((parcel) => parcel.way !== "pickup");
  const isLocked = waiting.some((parcel) => parcel.contact === null);
  byId("parcels-part").hidden = parcels.length === 0;
  say("parcels-due", due ? `${text(`due_${due}`)} ${text(isLocked ? "due_locked" : "due_prints")}` : "");
  byId("contacts-unlock").hidden = !isLocked;
  byId("courier").hidden = toSend.length === 0;
  byId("courier").textContent = text("courier_count", { count: toSend.length });
  redraw("parcels", waiting.map(parcelRow));
  redraw("handoffs", handoffs.slice(0, HANDOFFS_SHOWN).map(handoffRow));
}

function parcelRow(parcel) {
  const what = parcel.items.map((item) => `${item.quantity} × ${item.name}`).join(", ");
  const row = fill("parcel-row", {
    name: parcel.contact?.name ?? text("order_code", { code: parcel.order }),
    what: text("parcel_about", { tier: parcel.tier, number: parcel.receipt }),
    message: what,
  });
  const word = text(parcel.way === "pickup" ? "picked_up" : "we_bring_it");
  row.querySelector(".acts").append(button(word, `parcel ${parcel.external_id}`, () => handOver(`/parcels/${parcel.external_id}/hand-over`)));
  return row;
}

function handoffRow({ number, at }) {
  const row = fill("parcel-row", { name: text("courier_list", { number }), what: dated(at), message: "" });
  row.querySelector(".acts").append(
    button(text("print_again"), `print ${number}`, () => handOver(`/handoffs/${number}/print`)),
    button(text("csv"), `csv ${number}`, () => save(number)),
  );
  return row;
}

async function save(number) {
  const { csv } = await read(`/handoffs/${number}`);
  const address = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: address, download: `courier-list-${number}.csv` }).click();
  URL.revokeObjectURL(address);
}

function button(face, key, work) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "quiet";
  node.textContent = face;
  node.dataset.key = key;
  node.addEventListener("click", () => attempt(work, node));
  return node;
}

function onUnlock(event) {
  event.preventDefault();
  attempt(() => ask("/door/unlock", { pin: byId("contacts-pin").value }), event.submitter);
  byId("contacts-pin").value = "";
}

byId("contacts-unlock").addEventListener("submit", onUnlock);
byId("courier").addEventListener("click", () => attempt(() => handOver("/handoffs"), byId("courier")));
