// The code of a payment by transfer, large enough for the guest's telephone, and what became of it.

import { act, byId, explain, money, say, text } from "./box.js";

const settle = act();
const print = act();
const dialog = byId("code-dialog");
const buttons = ["code-came", "code-never", "code-print"].map(byId);
let payment = null;
let done = () => {};

// `onSettled` is called once staff said whether the money came.
export function showCode(asked, onSettled = () => {}) {
  payment = asked;
  done = onSettled;
  byId("code-reference").textContent = text("order_code", { code: asked.order_code });
  byId("code-amount").textContent = money(asked.amount_minor + asked.tip_minor);
  drawCode(byId("code-picture"), asked.code);
  for (const id of ["code-problem", "code-note"]) say(id, "");
  if (!dialog.open) dialog.showModal();
}

export function drawCode(svg, { modules, path }) {
  svg.setAttribute("viewBox", `0 0 ${modules} ${modules}`);
  svg.querySelector("path").setAttribute("d", path);
}

async function whileBusy(work) {
  say("code-problem", "");
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    say("code-problem", explain(error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

const settleAs = (outcome) => whileBusy(async () => {
  await settle(`/payments/${payment.id}/settle`, { outcome });
  dialog.close();
  await done();
});

byId("code-came").addEventListener("click", () => settleAs("paid"));
byId("code-never").addEventListener("click", () => settleAs("failed"));
byId("code-print").addEventListener("click", () => whileBusy(async () => {
  await print(`/payments/${payment.id}/slip`);
  say("code-note", text("code_prints"));
}));
