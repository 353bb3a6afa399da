// An order that was placed: its code for the till, what is to be paid, paying here, and what becomes of it.

import { Refused, act, byId, explain, money, read, say, text } from "./box.js";
import { orderLines } from "./cart.js";
import { showWays } from "./kiosk_pay.js";
import { printsAlways, receiptChoice } from "./receipt.js";

const giveUp = act();
const printSlip = act();

// `offers()` are those of now, by id; `onGiven` takes an order that was given up to be changed, `onThanks(key, page)` follows a sale, `onEnd` all else.
export function slip({ offers, onPaid, onGivenUp, onThanks, onEnd, hasPrinter }) {
  const receipt = receiptChoice(onThanks);
  const payHere = showWays(() => order, onPayment);
  let order = null;
  let isPaid = false;
  let isChanging = false; // its guest gives it up: that it is gone ends nobody's visit
  let said = "tell_code"; // the key of what the guest is told to do

  function draw() {
    if (!order) return;
    byId("slip-code").textContent = order.code;
    orderLines("slip-lines", "slip-line", order, offers());
    byId("slip-total").textContent = money(isPaid ? 0 : order.due_minor);
    byId("slip-state").textContent = text(isPaid ? "paid" : "pay_at_till");
    const isHeld = order.hold_min !== null && (said === "tell_code" || said === "take_slip");
    byId("slip-text").textContent = isHeld ? `${text(said)} ${text("held", { minutes: order.hold_min })}` : text(said);
  }

  function open(placed) {
    order = placed;
    isPaid = false;
    said = "tell_code";
    byId("done").classList.remove("paid");
    byId("slip-acts").hidden = byId("change").hidden = byId("slip-print").hidden = false;
    receipt.close();
    payHere.reset();
    draw();
  }

  // The slip is only a help: where there is no paper, the code on the screen does.
  async function print() {
    const asked = order;
    const isOver = () => order?.id !== asked.id || isPaid; // the same order is read anew now and then
    const isBegun = asked.due_minor < asked.total_minor;
    byId("slip-print").hidden = true;
    try {
      await printSlip(`/orders/${asked.id}/slip`);
      if (isOver()) return;
      said = isBegun ? "slip_rest" : "take_slip";
      draw();
    } catch {
      byId("slip-print").hidden = isOver();
    }
  }

  function onPayment({ order: now, sale, balance_after: left }) {
    order = now;
    if (sale) return showPaid(sale);
    said = left ? "pay_rest" : "card_empty";
    byId("change").hidden = true; // money is in it: staff gives it back
    draw();
    return print();
  }

  function showPaid(sale, isOnPaper = printsAlways) {
    isPaid = true;
    said = "enjoy";
    byId("done").classList.add("paid");
    byId("slip-acts").hidden = true;
    payHere.hide();
    draw();
    onPaid();
    receipt.ask(sale, order, { isOnPaper, hasPrinter: hasPrinter() });
    byId("receipt-title").focus();
  }

  // Staff may take its money, or give it up; or it grew too old.
  async function follow() {
    const isLeft = () => !order || isPaid || isChanging || payHere.isBusy();
    if (isLeft()) return;
    const asked = order;
    try {
      const now = await read(`/orders/${asked.id}`);
      if (order !== asked || isLeft()) return;
      if (now.sale) showPaid(now.sale, true);
      else if (now.status !== "open") onEnd();
      else order = now;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      if (order === asked) onEnd();
    }
  }

  async function change() {
    const asked = order;
    isChanging = true;
    try {
      await giveUp(`/orders/${asked.id}/cancel`);
      if (order === asked) onGivenUp();
    } catch (error) {
      if (order === asked) say("slip-problem", explain(error));
    } finally {
      isChanging = false;
    }
  }

  byId("change").addEventListener("click", change);
  byId("slip-print").addEventListener("click", print);
  return {
    isOpen: () => order !== null,
    isBusy: payHere.isBusy,
    canPayHere: payHere.isThere,
    open, draw, follow, print, showPaid,
    takeCard: (code) => !isPaid && payHere.take(code),
    close() {
      order = null;
      payHere.reset();
      receipt.close();
      say("slip-problem", "");
    },
  };
}
