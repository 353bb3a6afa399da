// How somebody wants the receipt of what was just paid: on paper, as a text message, on the phone, or not at all.

import { act, byId, explain, say, text } from "./box.js";

// Where the law wants a receipt of every sale, it is printed at once, and may go to the phone as well.
export const printsAlways = document.body.dataset.receipts === "always";

const print = act();
const message = act();

// `onChosen(key, page)`: what is said of it, and the page whose code is shown.
export function receiptChoice(onChosen) {
  const box = byId("receipt");
  let sale = null;
  let orderId = "";

  async function send(work, said) {
    const asked = sale;
    const buttons = box.querySelectorAll("button");
    say("receipt-problem", "");
    for (const button of buttons) button.disabled = true;
    try {
      await work();
      if (sale === asked) onChosen(said);
    } catch (error) {
      if (sale === asked) say("receipt-problem", explain(error));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  const onPaper = () => send(() => print(`/sales/${sale.number}/receipt`, { order: orderId }), "receipt_prints");
  const bySms = (event) => {
    event.preventDefault();
    const number = byId("receipt-number").value.trim();
    return send(() => message(`/sales/${sale.number}/sms`, { number, order: orderId }), "receipt_sent");
  };

  byId("receipt-paper").addEventListener("click", onPaper);
  byId("receipt-phone").addEventListener("click", () => onChosen("receipt_scan", sale.page));
  byId("receipt-none").addEventListener("click", () => onChosen(""));
  const form = byId("receipt-form"); // only where the box has a modem
  if (form) {
    byId("receipt-sms").addEventListener("click", () => { form.hidden = false; byId("receipt-number").focus(); });
    form.addEventListener("submit", bySms);
  }

  return {
    // `isOnPaper`: the till has printed it already.
    ask(paid, order, { isOnPaper, hasPrinter }) {
      [sale, orderId] = [paid, order.id];
      const holds = paid.has_granted ?? Object.keys(paid.granted ?? {}).length > 0;
      byId("receipt-paper").hidden = isOnPaper || !hasPrinter;
      byId("receipt-phone").hidden = !paid.page;
      byId("receipt-none").hidden = holds && !isOnPaper;
      const [words] = byId("receipt-none").getElementsByTagName("span");
      words.dataset.t = isOnPaper ? "done" : "receipt_none";
      words.textContent = text(words.dataset.t);
      byId("receipt-holds").hidden = !holds;
      box.hidden = false;
    },
    close() {
      sale = null;
      box.hidden = true;
      say("receipt-problem", "");
      if (!form) return;
      form.hidden = true;
      byId("receipt-number").value = "";
    },
  };
}
