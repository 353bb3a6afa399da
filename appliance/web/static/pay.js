// Taking money for one order: what is due, what was given, the change in big figures.

import { act, amount, byId, explain, money, read, redraw, say, text } from "./box.js";
import { orderLines } from "./cart.js";
import { showCode } from "./transfer.js";

const NOTES_SHOWN = 5;
const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", ".", "0", "erase"];

let take = act();
const giveUp = act();
const dialog = byId("pay");
const exponent = Number(document.body.dataset.exponent);
const cashStep = Number(document.body.dataset.cashStep);
let order = null;
let tried = null; // the order as it was when money for it was last taken
let tip = 0;
let isBusy = false;
let faces = []; // coins and notes of the currency
const open = () => order.due_minor - order.pending_minor;
const asked = () => open() + tip;
const inCoins = (minor) => Math.round(minor / cashStep) * cashStep; // where the smallest coin is coarser than prices
const cashAsked = () => inCoins(open()) + tip;

export function openPayment(toPay) {
  order = toPay;
  tip = 0;
  byId("pay-open").hidden = false;
  byId("pay-done").hidden = true;
  showDue();
  if (!dialog.open) dialog.showModal();
  byId("given").focus();
  if (!faces.length) learnFaces();
  followPayment().catch(() => {}); // the list that it was chosen from may be a moment old
}

export const isPaying = () => dialog.open && !byId("pay-open").hidden;

// A gift card or a member card that was scanned; whoever takes the money says what for.
export function takeCard(code) {
  byId("stored-code").value = code;
  byId("stored").parentElement.open = true;
}

async function learnFaces() {
  faces = (await read("/denominations").catch(() => ({ denominations_minor: [] }))).denominations_minor;
  if (order) showNotes();
}

function showDue() {
  byId("pay-title").textContent = text("order_code", { code: order.code });
  orderLines("pay-lines", "plain-line", order);
  byId("pay-due").textContent = money(asked());
  say("pay-cash", cashAsked() === asked() ? "" : text("in_cash", { amount: money(cashAsked()) }));
  showTips();
  byId("given").value = "";
  byId("cancel").hidden = order.paid_minor > 0 || order.pending_minor > 0;
  say("pay-problem", "");
  say("pay-note", order.pending_minor ? text("waits_for_answer", { amount: money(order.pending_minor) }) : "");
  showNotes();
  showBack();
}

// What guests hand over: the next round sum by each note that is not far too small for what is due.
function showNotes() {
  const due = cashAsked();
  const round = faces.filter((face) => face * 8 >= due).map((face) => Math.ceil(due / face) * face).filter((minor) => minor > due);
  const likely = [...new Set(round)].sort((one, other) => one - other).slice(0, NOTES_SHOWN);
  byId("notes").replaceChildren(...[due, ...likely].map(noteButton));
}

// The pad writes into the field as a keyboard would; a keyboard works as well.
function keyButton(key) {
  const node = document.createElement("button");
  node.type = "button";
  if (key === "erase") {
    node.textContent = "⌫";
    node.setAttribute("aria-label", text("erase"));
  } else {
    node.textContent = key;
  }
  node.disabled = key === "." && !exponent;
  node.addEventListener("click", () => {
    const field = byId("given");
    field.value = key === "erase" ? field.value.slice(0, -1) : field.value + key;
    showBack();
  });
  return node;
}

function showBack() {
  const given = amount(byId("given").value);
  const back = given === null ? null : given - cashAsked();
  byId("change-due").classList.toggle("short", back < 0);
  byId("change-due").textContent = back === null ? "" : text(back < 0 ? "missing_amount" : "change_amount", { amount: money(Math.abs(back)) });
}

function noteButton(minor) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = minor === cashAsked() ? text("exact") : money(minor);
  button.addEventListener("click", () => pay("cash", minor));
  return button;
}

// Tips are of what is to be paid, and paid with the last payment.
function showTips() {
  const box = byId("tips");
  if (!box) return;
  const percents = box.dataset.percents.split(" ").map(Number);
  const suggested = percents.map((percent) => [`${percent} %`, inCoins((open() * percent) / 100)]);
  redraw("tips", [[text("no_tip"), 0], ...suggested].map(([face, minor]) => tipButton(face, minor)));
}

function tipButton(face, minor) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = face;
  if (minor) {
    button.append(Object.assign(document.createElement("small"), { textContent: money(minor) }));
    button.setAttribute("aria-label", text("tip_of", { share: face, amount: money(minor) }));
  }
  button.dataset.key = face;
  button.setAttribute("aria-pressed", String(tip === minor));
  button.addEventListener("click", () => { tip = minor; showDue(); });
  return button;
}

// `amount_minor` is all that is handed over, the tip in it; part of what is due carries no tip.
const withTip = (minor) => (tip && minor >= Math.min(asked(), cashAsked()) ? { tip_minor: tip } : {});

// The same once more repeats what was not answered; if something was paid meanwhile, it is the next guest's share.
function book(sent) {
  const isNext = tried && (tried.due_minor !== order.due_minor || tried.pending_minor !== order.pending_minor);
  if (isNext) take = act();
  tried = order;
  return take(`/orders/${order.id}/payments`, sent, patient);
}

async function pay(tender, minor, more = {}) {
  if (minor === null) return say("pay-problem", text("type_given"));
  await whileBusy(async () => {
    const paid = await book({ tender, amount_minor: minor, ...withTip(minor), ...more });
    order = paid.order;
    byId("stored-code").value = "";
    if (paid.sale) showChange(paid);
    else showDue();
    if (!paid.sale && paid.balance_after !== null) say("pay-note", tender === "credit" ? text("credits_left", { count: paid.balance_after }) : text("card_left", { amount: money(paid.balance_after) }));
  });
  return undefined;
}

function showChange(paid) {
  byId("pay-open").hidden = true;
  byId("pay-done").hidden = false;
  byId("paid-sale").textContent = text("sale_paid", { number: paid.sale.number, amount: money(paid.sale.total_minor) });
  byId("change").textContent = money(paid.change_minor);
  byId("paid-code").parentElement.hidden = !paid.sale.page;
  if (paid.sale.page) byId("paid-code").src = `${paid.sale.page}/code.svg`;
  byId("next").focus();
}

// Never in doubt whether it was paid: while the answer is out it is said so, and it is asked for under the same key.
const patient = { onSlow: () => say("pay-wait", text("not_yet_known")) };

async function whileBusy(work) {
  const buttons = [...byId("pay-open").querySelectorAll("button")];
  isBusy = true;
  say("pay-problem", "");
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    say("pay-problem", explain(error));
  } finally {
    isBusy = false;
    say("pay-wait", "");
    for (const button of buttons) button.disabled = false;
  }
}

// The order may have been paid or given up elsewhere, or by a press whose answer never came.
export async function followPayment() {
  const isAsked = () => isPaying() && !isBusy;
  if (!isAsked()) return;
  const asked = order;
  const now = await read(`/orders/${asked.id}`);
  const sale = now.sale && await read(`/sales/${now.sale.number}`);
  if (order !== asked || !isAsked()) return;
  if (sale) showChange({ sale, change_minor: sale.payments.reduce((sum, payment) => sum + payment.change_minor, 0) });
  else if (now.status !== "open") dialog.close();
  else if (now.due_minor !== asked.due_minor || now.pending_minor !== asked.pending_minor) {
    order = now;
    showDue();
  }
}

const cash = () => pay("cash", byId("given").value.trim() ? amount(byId("given").value) : open() === 0 ? 0 : null);
byId("cash").addEventListener("click", cash);
byId("keys").append(...KEYS.map(keyButton));
byId("given").addEventListener("input", showBack);
byId("given").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); cash(); } });
// A gift card gives what it holds; credits pay all that is due, or staff types how much in the field above.
byId("stored").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = byId("given").value.trim();
  const more = typed ? { amount_minor: amount(typed) } : {};
  return pay(event.submitter?.value ?? "voucher", undefined, { ...more, code: byId("stored-code").value });
});
byId("card").addEventListener("click", () => pay("card", asked()));
byId("card-pending").addEventListener("click", async () => { await pay("card", asked(), { pending: true }); if (order.pending_minor) dialog.close(); });
byId("transfer")?.addEventListener("click", () => whileBusy(async () => {
  const sent = { tender: "transfer", amount_minor: asked(), ...withTip(asked()), pending: true };
  const { payment } = await take(`/orders/${order.id}/payments`, sent, patient);
  dialog.close();
  showCode(payment);
}));
byId("cancel").addEventListener("click", () => whileBusy(async () => { await giveUp(`/orders/${order.id}/cancel`); dialog.close(); }));
byId("next").addEventListener("click", () => dialog.close());
learnFaces(); // not with the first order: notes that come in later move what somebody is about to press
