// The attendees' page: begin, choose, order, pay or get a code for the till; then it is the next person's.

import { act, byId, explain, read, renewBy, say, text, watch } from "./box.js";
import { add, cart, clear, drawAll, hasMemberPrices, ordered, setOffers, takeCode } from "./basket.js";
import { resetComfort } from "./comfort.js";
import { isSoldOut, nameOf } from "./cart.js";
import { onLanguage } from "./i18n.js";
import { watchIdle } from "./idle.js";
import { watchScanner } from "./landed.js";
import { printsAlways } from "./receipt.js";
import { withShipping } from "./shipping.js";
import { bought, browsed } from "./signals.js";
import { slip } from "./slip.js";
import { play } from "./sound.js";
import { forgetTold, tell } from "./told.js";
import { showWindow } from "./window.js";

const IDLE_MS = 60_000;
const IDLE_AFTER_ORDER_MS = 30_000;
const IDLE_IN_DOUBT_MS = 180_000; // nobody is sent away while it is not known whether something was paid
const THANKS_MS = 6000;
const PAGES = ["attract", "choose", "done", "thanks"];
const PRINTING = ["ready", "degraded"];

const place = act();
const placed = slip({ offers: () => cart.offers, onPaid, onGivenUp, onThanks: showThanks, onEnd: startOver, hasPrinter: () => printerIsReady });
const idle = watchIdle(idleLimit, startOver);
let page = "attract";
let visit = 0; // counts guests: what was asked for one is never shown to the next
let isPlacing = false;
let offersVersion = "";
let printerIsReady = false;
let thanksFor = ""; // the key of what is said of the receipt

function show(next) {
  page = next;
  document.body.dataset.page = next;
  for (const one of PAGES) byId(one).hidden = one !== next;
  scrollTo(0, 0);
}

function begin() {
  show("choose");
  byId("offers-title").focus();
  browsed();
}

async function placeOrder() {
  const mine = visit;
  const [button, words] = [byId("order"), byId("order").firstElementChild];
  button.disabled = true;
  words.textContent = text("one_moment");
  say("problem", "");
  try {
    await withShipping(cart, ordered, send);
  } catch (error) {
    if (visit === mine) say("problem", explain(error));
    play("error");
  } finally {
    button.disabled = false;
    words.textContent = text("place_order");
  }
}

// Sent until the box has answered, or the guest was wiped: what came too late is given up again.
async function send(shipping) {
  const mine = visit;
  const where = byId("shipping").open ? "shipping-wait" : "order-wait"; // a dialog covers all else
  const patient = { isWanted: () => visit === mine, onSlow: () => visit === mine && say(where, text("not_yet_placed")) };
  isPlacing = true;
  try {
    const made = await place("/orders", { ...ordered(), ...shipping, paper: printsAlways }, patient);
    if (visit === mine) showOrder(made);
    else if (!made.sale) act()(`/orders/${made.id}/cancel`, {}, { onSlow() {} }).catch(() => {});
  } finally {
    if (visit === mine) isPlacing = false;
    for (const id of ["order-wait", "shipping-wait"]) say(id, "");
  }
}

function showOrder(made) {
  placed.open(made.sale ? made.order : made);
  show("done");
  byId("slip-code").focus();
  if (made.sale) placed.showPaid(made.sale);
  else if (!placed.canPayHere) placed.print();
}

function onPaid() {
  play("success");
  bought(hasMemberPrices());
}

function onGivenUp() {
  placed.close();
  show("choose");
  cart.draw();
  readOffers().catch(() => {}); // without an answer, the next state has them read
}

function showThanks(key, receiptPage = "") {
  const mine = visit;
  thanksFor = key;
  say("thanks-text", key && text(key));
  byId("thanks-code").hidden = !receiptPage;
  if (receiptPage) byId("receipt-code").src = `${receiptPage}/code.svg`;
  show("thanks");
  byId("thanks-title").focus();
  idle.touch();
  if (!receiptPage) setTimeout(() => visit === mine && startOver(), THANKS_MS);
}

// Nothing of whoever was here stays: no cart, no code, no name, no language, and no open dialog.
function startOver() {
  visit += 1;
  isPlacing = false;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const details of document.querySelectorAll("details")) details.open = false;
  placed.close();
  clear();
  forgetTold();
  byId("receipt-code").removeAttribute("src");
  say("order-wait", "");
  resetComfort();
  show("attract");
}

function onScan(scan) {
  idle.touch();
  if (page === "thanks") startOver();
  if (scan.kind === "ticket") return tellTicket(scan);
  if (page === "attract" && scan.kind !== "unknown" && scan.kind !== "order") begin();
  if (scan.kind === "product") return takeProduct(cart.offers.get(scan.names));
  if (scan.code && placed.isOpen()) {
    placed.takeCard(scan.code);
    return tell("note", text("card_taken"));
  }
  if (!scan.code) return tell("bad", text("code_unknown"));
  takeCode(scan.kind, scan.code);
  return tell("note", text(scan.kind === "member" ? "card_taken" : "voucher_taken"));
}

function tellTicket({ verdict, title, message }) {
  const isGood = verdict === "admit";
  tell(isGood ? "good" : "bad", title || text(isGood ? "ticket_good" : "ticket_not_good"), message);
}

function takeProduct(offer) {
  if (!offer || placed.isOpen()) return tell("bad", text("code_unknown"));
  if (isSoldOut(offer)) return tell("bad", `${nameOf(offer)}: ${text("sold_out")}`);
  add(offer);
  return tell("note", byId("said").textContent);
}

const isOrdered = () => isPlacing || placed.isOpen();

// An order may be placed or given up while the answer is out: its own goods may be missing then.
async function readOffers() {
  const was = isOrdered();
  const { offers } = await read("/offers");
  setOffers(offers, was || isOrdered());
}

async function onState(state) {
  if (page === "attract" && (state.event?.id ?? "") !== document.body.dataset.event) return location.reload();
  showWindow(state.window);
  printerIsReady = PRINTING.includes(state.devices.printer?.state);
  say("closing", state.closing ? text("closing") : "");
  const version = `${state.seq} ${state.window?.id} ${state.window?.state} ${state.price_rules}`;
  if (version === offersVersion) return undefined;
  await readOffers();
  await placed.follow();
  if (!offersVersion) watchScanner(onScan); // now that it is known what is on the table
  offersVersion = version;
  return undefined;
}

function idleLimit() {
  if (page === "attract") return 0;
  if (isPlacing || placed.isBusy()) return IDLE_IN_DOUBT_MS;
  return page === "choose" ? IDLE_MS : IDLE_AFTER_ORDER_MS;
}

function offline() {
  const isBegun = cart.count > 0 || placed.isOpen();
  return isBegun ? `${text("no_answer")} ${text("order_is_kept")}` : text("no_answer");
}

// Anywhere on the first screen: what is on the table may come just then, and move the button from under the finger.
byId("attract").addEventListener("click", ({ target }) => { if (!target.closest(".languages")) begin(); });
byId("order").addEventListener("click", placeOrder);
for (const id of ["clear", "finish", "thanks-done"]) byId(id).addEventListener("click", startOver);
onLanguage(() => {
  drawAll();
  placed.draw();
  say("thanks-text", thanksFor && text(thanksFor));
});
renewBy(() => fetch(location.pathname, { cache: "no-store" }));
watch(onState, offline);
