// Payments that wait for an answer: a badge, and two large buttons for each.

import { act, byId, counted, explain, fill, money, read, redraw, say, text } from "./box.js";
import { showCode } from "./transfer.js";
import { tally } from "./views.js";

const settle = act();

const HOUR_S = 3600;
const waited = (seconds) => {
  if (seconds < 90) return text("just_now");
  return seconds < 1.5 * HOUR_S ? text("minutes_ago", { count: Math.round(seconds / 60) }) : text("hours_ago", { count: Math.round(seconds / HOUR_S) });
};

export function showPendingCount(count = 0) {
  byId("pending-badge").textContent = counted("pending_badge", count);
  tally("till", count, text("tally_till"));
  byId("pending-badge").parentElement.hidden = count === 0;
  byId("pending-card").hidden = count === 0;
}

export async function showPending(onSettled) {
  const { payments } = await read("/payments?status=pending");
  showPendingCount(payments.length);
  redraw("pending", payments.map((payment) => pendingRow(payment, onSettled)));
}

function pendingRow(payment, onSettled) {
  const what = text(`amount_by_${payment.tender}`, { amount: money(payment.amount_minor + payment.tip_minor) });
  const reference = payment.reference ? ` · ${payment.reference}` : "";
  const row = fill("pending-row", { code: payment.order_code, what, age: `${waited(payment.age_s)}${reference}` });
  const code = row.querySelector(".code-again");
  code.hidden = !payment.code;
  code.addEventListener("click", () => showCode(payment, onSettled));
  for (const [name, outcome, told] of [["came", "paid", "order_was_paid"], ["never", "failed", "order_failed"]]) {
    const button = row.querySelector(`.${name}`);
    button.dataset.key = `${name} ${payment.id}`;
    button.setAttribute("aria-label", text(told, { code: payment.order_code }));
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
    say("pending-problem", explain(error));
    for (const button of row.querySelectorAll("button")) button.disabled = false;
  }
}

byId("pending-badge").addEventListener("click", () => requestAnimationFrame(() => byId("pending-card").scrollIntoView()));
