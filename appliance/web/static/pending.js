// Payments that wait for an answer: a badge, and two large buttons for each.

import { act, byId, fill, money, read, redraw, say } from "./box.js";
import { showCode } from "./transfer.js";
import { tally } from "./views.js";

const TENDERS = { card: "by card", transfer: "by transfer" };
const settle = act();

const waited = (seconds) => (seconds < 90 ? "just now" : seconds < 5400 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`);

export function showPendingCount(count = 0) {
  byId("pending-badge").textContent = count === 1 ? "1 payment pending" : `${count} payments pending`;
  tally("till", count, "payments pending");
  byId("pending-badge").parentElement.hidden = count === 0;
  byId("pending-card").hidden = count === 0;
}

export async function showPending(onSettled) {
  const { payments } = await read("/payments?status=pending");
  showPendingCount(payments.length);
  redraw("pending", payments.map((payment) => pendingRow(payment, onSettled)));
}

function pendingRow(payment, onSettled) {
  const what = `${money(payment.amount_minor + payment.tip_minor)} ${TENDERS[payment.tender] ?? payment.tender}`;
  const reference = payment.reference ? ` · ${payment.reference}` : "";
  const row = fill("pending-row", { code: payment.order_code, what, age: `${waited(payment.age_s)}${reference}` });
  const code = row.querySelector(".code-again");
  code.hidden = !payment.code;
  code.addEventListener("click", () => showCode(payment, onSettled));
  for (const [name, outcome, told] of [["came", "paid", "it was paid"], ["never", "failed", "it failed"]]) {
    const button = row.querySelector(`.${name}`);
    button.dataset.key = `${name} ${payment.id}`;
    button.setAttribute("aria-label", `Order ${payment.order_code}: ${told}`);
    button.addEventListener("click", () => onPick(row, payment.id, outcome, onSettled));
  }
  return row;
}

async function onPick(row, id, outcome, onSettled) {
  say("pending-problem", "");
  for (const button of row.querySelectorAll("button")) button.disabled = true;
  try {
    await settle(`/payments/${id}/settle`, { outcome });
    await onSettled();
  } catch (error) {
    say("pending-problem", error.message);
    for (const button of row.querySelectorAll("button")) button.disabled = false;
  }
}

byId("pending-badge").addEventListener("click", () => requestAnimationFrame(() => byId("pending-card").scrollIntoView()));
