// Paying at the kiosk alone: with a member's credits, or with a gift card.

import { act, byId, explain, say, text } from "./box.js";
import { printsAlways } from "./receipt.js";

const pay = act();

// `current` gives the order that is to be paid, `onPaid` takes the answer. Where the event has no such cards nothing is shown.
export function showWays(current, onPaid) {
  const box = byId("pay-here");
  if (!box) return { isThere: false, isBusy: () => false, reset() {}, hide() {}, take() {} };
  const buttons = box.querySelectorAll("[data-tender]");
  let busyWith = null;

  async function take(tender) {
    const code = byId("pay-code").value.trim();
    if (!code) return say("pay-problem", text("type_code"));
    const order = current();
    say("pay-problem", "");
    for (const button of buttons) button.disabled = true;
    busyWith = order;
    const patient = { isWanted: () => busyWith === order, onSlow: () => busyWith === order && say("pay-wait", text("not_yet_known")) };
    try {
      const paid = await pay(`/orders/${order.id}/payments`, { tender, code, paper: printsAlways }, patient);
      byId("pay-code").value = "";
      if (busyWith === order) onPaid(paid);
    } catch (error) {
      if (busyWith === order) say("pay-problem", explain(error));
    } finally {
      if (busyWith === order) busyWith = null;
      say("pay-wait", "");
      for (const button of buttons) button.disabled = false;
    }
  }

  function forget() {
    busyWith = null;
    byId("pay-code").value = "";
    say("pay-problem", "");
    say("pay-wait", "");
  }

  for (const button of buttons) button.addEventListener("click", () => take(button.dataset.tender));
  return {
    isThere: true,
    isBusy: () => busyWith !== null,
    reset() { forget(); box.hidden = false; box.open = false; },
    hide() { forget(); box.hidden = true; },
    // A card that was scanned at the box; whoever holds it says what for.
    take(code) {
      box.open = true;
      byId("pay-code").value = code;
      (buttons.length === 1 ? buttons[0] : byId("pay-code")).focus();
    },
  };
}
