// The sales: the newest, any other by its number, and giving back what was bought.

import { act, byId, dated, explain, fill, money, read, redraw, say, text } from "./box.js";

const SHOWN = 5;
const giveBack = act();
const chosen = new Map(); // offer -> pieces to be given back
let sale = null;

export function showSales(sales) {
  redraw("sales", sales.slice(0, SHOWN).map(saleRow));
  byId("no-sales").hidden = sales.length > 0;
}

function saleRow(one) {
  const what = one.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ");
  const back = one.refunded_minor ? ` · ${text("given_back", { amount: money(one.refunded_minor) })}` : "";
  const row = fill("sale-row", { code: String(one.number), what: what + back, due: money(one.total_minor) });
  const button = row.querySelector("button");
  button.dataset.key = `sale ${one.number}`;
  button.setAttribute("aria-label", text("receipt_of", { number: one.number, amount: money(one.total_minor) }));
  button.addEventListener("click", () => open(one.number));
  return row;
}

async function open(number) {
  say("sales-problem", "");
  try {
    sale = await read(`/sales/${number}`);
  } catch (error) {
    return say("sales-problem", explain(error));
  }
  byId("back-reason").value = "";
  for (const id of ["gone-back", "back-problem"]) say(id, "");
  showSale();
  if (!byId("sale").open) byId("sale").showModal();
}

const left = (line) => line.quantity - (sale.given_back[line.offer] ?? 0);

function showSale() {
  chosen.clear();
  byId("receipt-title").textContent = text("receipt", { number: sale.number });
  const ways = [...new Set(sale.payments.map((payment) => text(`tender_${payment.tender}`)))];
  const paid = ways.length ? text("paid_by", { tender: ways.reduce((one, other) => text("and", { one, other })) }) : "";
  byId("receipt-about").textContent = [dated(sale.at, "medium"), money(sale.total_minor), paid].filter(Boolean).join(" · ");
  byId("receipt-lines").replaceChildren(...sale.lines.map(lineRow));
  byId("back").hidden = !sale.lines.some((line) => left(line) > 0);
  byId("void").hidden = Boolean(sale.why_no_void);
}

function lineRow(line) {
  const most = left(line);
  const worth = `${money(line.total_minor)}${most < line.quantity ? ` · ${text("pieces_given_back", { count: line.quantity - most })}` : ""}`;
  const row = fill("piece-row", { face: `${line.quantity} × ${line.name} `, worth });
  const count = row.querySelector(".quantity");
  row.querySelector(".count").hidden = most === 0;
  count.setAttribute("aria-label", text("pieces_to_give_back", { name: line.name, count: most }));
  const set = (pieces) => {
    const now = Math.max(0, Math.min(most, pieces || 0));
    count.value = now;
    chosen.set(line.offer, now);
  };
  for (const [name, step, word] of [["less", -1, "back_one_fewer"], ["more", 1, "back_one_more"]]) {
    const button = row.querySelector(`.${name}`);
    button.setAttribute("aria-label", text(word, { name: line.name }));
    button.addEventListener("click", () => set((chosen.get(line.offer) ?? 0) + step));
  }
  count.addEventListener("change", () => set(parseInt(count.value, 10)));
  row.chooseAll = () => set(most);
  return row;
}

function onGiveBack() {
  const lines = [...chosen].filter(([, quantity]) => quantity > 0).map(([offer, quantity]) => ({ offer, quantity }));
  if (!lines.length) return say("back-problem", text("choose_back"));
  return undo("refund", { lines });
}

async function undo(how, what) {
  const reason = byId("back-reason").value.trim();
  if (!reason) return say("back-problem", text("write_why_back"));
  say("back-problem", "");
  const buttons = [...byId("back").querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    const { refund } = await giveBack(`/sales/${sale.number}/${how}`, { ...what, reason });
    say("gone-back", refund.parts.map(todo).join(" "));
    sale = await read(`/sales/${sale.number}`).catch(() => sale);
    showSale(); // with nothing chosen: it is done, and another press is another refund
  } catch (error) {
    say("back-problem", explain(error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

const todo = ({ tender, paid_out_minor: minor }) => text(`back_${tender}`, { amount: money(minor) });

byId("find-sale").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = parseInt(byId("sale-number").value, 10);
  if (number > 0) open(number);
  else say("sales-problem", text("type_receipt_number"));
});
byId("give-back").addEventListener("click", onGiveBack);
byId("void").addEventListener("click", () => undo("void", {}));
byId("choose-all").addEventListener("click", () => { for (const row of byId("receipt-lines").children) row.chooseAll(); });
