// Taking money for one order: what is due, what was given, the change in big figures.

import { act, amount, byId, money, say } from "./box.js";
import { orderLines } from "./cart.js";

const NOTES = [5, 10, 20, 50, 100];

const take = act();
const giveUp = act();
const dialog = byId("pay");
const exponent = Number(document.body.dataset.exponent);
let order = null;

export function openPayment(toPay) {
  order = toPay;
  byId("pay-open").hidden = false;
  byId("pay-done").hidden = true;
  showDue();
  if (!dialog.open) dialog.showModal();
  byId("given").focus();
}

function showDue() {
  byId("pay-title").textContent = `Order ${order.code}`;
  orderLines("pay-lines", "plain-line", order);
  byId("pay-due").textContent = money(order.due_minor);
  byId("given").value = "";
  byId("cancel").hidden = order.paid_minor > 0;
  say("pay-problem", "");
  const round = NOTES.map((note) => note * 10 ** exponent).filter((minor) => minor > order.due_minor).slice(0, 3);
  byId("notes").replaceChildren(...[order.due_minor, ...round].map(noteButton));
}

function noteButton(minor) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = minor === order.due_minor ? "Exact" : money(minor);
  button.addEventListener("click", () => pay("cash", minor));
  return button;
}

async function pay(tender, minor) {
  if (minor === null) return say("pay-problem", "Type what was given, such as 20 or 12.50.");
  await whileBusy(async () => {
    const paid = await take(`/orders/${order.id}/payments`, { tender, amount_minor: minor });
    order = paid.order;
    if (paid.sale) showChange(paid);
    else showDue();
  });
  return undefined;
}

function showChange(paid) {
  byId("pay-open").hidden = true;
  byId("pay-done").hidden = false;
  byId("paid-sale").textContent = `Sale ${paid.sale.number} · ${money(paid.sale.total_minor)} paid`;
  byId("change").textContent = money(paid.change_minor);
  byId("next").focus();
}

async function whileBusy(work) {
  const buttons = [...byId("pay-open").querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    say("pay-problem", error.message);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

const cash = () => pay("cash", byId("given").value.trim() ? amount(byId("given").value) : order.due_minor === 0 ? 0 : null);
byId("cash").addEventListener("click", cash);
byId("given").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); cash(); } });
byId("card").addEventListener("click", () => pay("card", order.due_minor));
byId("cancel").addEventListener("click", () => whileBusy(async () => { await giveUp(`/orders/${order.id}/cancel`); dialog.close(); }));
byId("next").addEventListener("click", () => dialog.close());
