// Paying at the kiosk alone: with a member's credits, or with a gift card.

import { act, byId, say } from "./box.js";

const pay = act();

// `current` gives the order that is to be paid, `onPaid` takes the answer. Where the event has no such cards nothing is shown.
export function showWays(current, onPaid) {
  const box = byId("pay-here");
  if (!box) return { isThere: false, reset() {}, hide() {} };
  const buttons = box.querySelectorAll("[data-tender]");

  async function take(tender) {
    const code = byId("pay-code").value.trim();
    if (!code) return say("pay-problem", "Type the code that is on the card.");
    say("pay-problem", "");
    for (const button of buttons) button.disabled = true;
    try {
      const paid = await pay(`/orders/${current().id}/payments`, { tender, code });
      byId("pay-code").value = "";
      onPaid(paid);
    } catch (error) {
      say("pay-problem", error.message);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  for (const button of buttons) button.addEventListener("click", () => take(button.dataset.tender));
  return {
    isThere: true,
    reset() { box.hidden = false; box.open = false; byId("pay-code").value = ""; say("pay-problem", ""); },
    hide() { box.hidden = true; byId("pay-code").value = ""; },
  };
}
