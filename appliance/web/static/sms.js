// Text receipts: one of the newest sales, a number, and how the last messages fare.

import { act, byId, explain, fill, money, read, redraw, say, text } from "./box.js";
import { part } from "./parts.js";

const SHOWN = 4;
const send = act();

// Takes the state of the box, whose seq grows with every change of a message.
export const { show: showSms } = part(refresh, { isWanted: () => byId("sms-card") });

async function refresh() {
  const [{ sales }, { messages }] = await Promise.all(["/sales", "/sms"].map(read));
  showSales(sales);
  redraw("sms-messages", messages.slice(0, SHOWN).map((message) => fill("sms-row", {
    name: message.sale === null ? text("sms_other", { number: message.id }) : text("sms_of_sale", { number: message.sale }),
    word: state(message),
    message: message.status === "queued" || message.status === "failed" || message.status === "unsure" ? message.reason : "",
  })));
}

function state({ status, number }) {
  const word = text(`sms_${status}`);
  return number ? text("sms_to", { state: word, number }) : word;
}

function showSales(sales) {
  const chosen = byId("sms-sale").value;
  byId("sms-sale").replaceChildren(...sales.slice(0, 20).map((sale) => new Option(`${sale.number} · ${money(sale.total_minor)}`, sale.number)));
  if (sales.some((sale) => String(sale.number) === chosen)) byId("sms-sale").value = chosen;
}

byId("sms-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  say("sms-problem", "");
  try {
    await send(`/sales/${byId("sms-sale").value}/sms`, { number: byId("sms-number").value.trim() });
    byId("sms-number").value = "";
  } catch (error) {
    say("sms-problem", explain(error));
  }
});
