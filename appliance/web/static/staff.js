// The staff's page: what is to be paid, the door, quick sales, devices, paper and the shift.

import { act, amount, byId, fill, money, read, ready, redraw, say, setIcon, watch } from "./box.js";
import { Cart, isSoldOut, stockText } from "./cart.js";
import { showScanners } from "./calibration.js";
import { showLights } from "./lights.js";
import { showNames, watchNames } from "./names.js";
import { Follower } from "./follow.js";
import { openPayment } from "./pay.js";
import { showSales } from "./sales.js";
import { showPending, showPendingCount } from "./pending.js";
import { showBattery, showPower } from "./power.js";
import { showShift } from "./shift.js";
import { withShipping } from "./shipping.js";
import { showSms } from "./sms.js";
import { showStock } from "./stock.js";
import { livePrice, showPrice, suggestionCard } from "./pricing.js";
import { showWindow } from "./window.js";

const HEALTH = { ready: "Ready", degraded: "See to it", offline: "Offline", absent: "Not fitted" };
const PRINTS_SHOWN = 4;

const scan = act();
const open = act();
const settle = act();
const cart = new Cart("lines", showCart);
const price = livePrice(sale, showPriced, (error) => say("sale-problem", error.message));
const declined = new Set();
let state = null;
const follower = new Follower({ onProduct: scannedProduct, onOrder: scannedOrder });
let shown = "";
let shownSeq = 0; // of the verdict that was asked for here
let refused = null; // the scan that staff may pass over
let unpaid = null; // the ticket that can be paid on the spot: its code or id, offer and price

const clock = (text) => new Date(text).toLocaleTimeString([], { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });

async function attempt(problemId, work) {
  say(problemId, "");
  try {
    await work();
    await refresh();
  } catch (error) {
    say(problemId, error.message);
  }
}

// Orders
function showOrders(orders) {
  byId("no-orders").hidden = orders.length > 0;
  redraw("orders", orders.map((order) => {
    const what = order.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ");
    const row = fill("order-row", { code: order.code, what, due: money(order.due_minor) });
    const pick = row.querySelector("button");
    pick.dataset.key = order.id;
    pick.addEventListener("click", () => openPayment(order));
    return row;
  }));
}

// Door
function showVerdict(verdict, sent = null) {
  const card = byId("verdict");
  card.className = `verdict ${verdict.colour}`;
  card.querySelector(".word").textContent = `${verdict.word}: ${verdict.title}`;
  card.querySelector(".about").textContent = [verdict.ticket_type, verdict.note].filter(Boolean).join(" · ");
  card.querySelector(".holder").textContent = verdict.holder ?? "";
  card.querySelector(".message").textContent = verdict.message;
  card.querySelector(".advice").textContent = verdict.advice ?? "";
  showGuest(card.querySelector(".guest"), verdict.guest);
  setIcon(card, verdict.icon);
  card.hidden = false;
  refused = verdict.can_override ? sent : null;
  byId("override").hidden = refused === null;
  unpaid = verdict.due && sent ? { ...verdict.due, code: sent.sent.code ?? sent.sent.ticket } : null;
  byId("pay-ticket").hidden = unpaid === null;
  if (unpaid) byId("pay-ticket").textContent = `Take payment: ${money(unpaid.amount_minor)}`;
}

// The same in the guest's language: large enough to turn the screen around.
function showGuest(line, guest) {
  line.hidden = !guest;
  line.lang = guest?.language ?? "";
  line.textContent = guest ? `${guest.title}. ${guest.message}` : "";
}

function payTicket() {
  cart.addTicket(unpaid);
  byId("pay-ticket").hidden = true;
  byId("charge").focus();
}

function showVerdicts(verdicts) {
  if (verdicts.length && verdicts[0].seq !== shownSeq) showVerdict(verdicts[0]);
  byId("verdicts").replaceChildren(...verdicts.slice(1, 5).map((verdict) => {
    const row = fill("verdict-row", { word: verdict.word, message: `${verdict.title}, ${verdict.source}` });
    row.className = verdict.colour;
    setIcon(row, verdict.icon);
    row.querySelector("time").textContent = clock(verdict.at);
    return row;
  }));
}

function showDoor({ inside, capacity, level, search }) {
  showNames(search);
  const chip = byId("inside");
  chip.textContent = capacity === null ? `${inside} inside` : `${inside} of ${capacity} inside`;
  chip.className = `chip ${{ nearly_full: "low", full: "bad" }[level] ?? ""}`;
}

async function decide(sent, path = "/scan") {
  try {
    const verdict = await scan(path, { ...sent, source: "staff tablet" });
    shownSeq = verdict.seq;
    showVerdict(verdict, { sent, path });
    for (const id of ["code", "why"]) byId(id).value = "";
  } catch (error) {
    showVerdict({ colour: "red", icon: "refuse", word: "Refuse", title: "no verdict", message: error.message });
  }
  byId("code").focus();
}

function onScan(event) {
  event.preventDefault();
  return decide({ code: byId("code").value, direction: event.submitter?.value === "exit" ? "exit" : null });
}

function onOverride(event) {
  event.preventDefault();
  return decide({ ...refused.sent, direction: null, override: { reason: byId("why").value } }, refused.path);
}

// Quick sale
function showTiles(offers) {
  cart.setOffers(offers);
  redraw("tiles", offers.map((offer) => {
    const tile = fill("tile", { name: offer.name, stock: stockText(offer) });
    showPrice(tile, offer, false);
    tile.dataset.key = offer.id;
    tile.disabled = isSoldOut(offer);
    tile.addEventListener("click", () => cart.add(offer.id));
    return tile;
  }));
}

function showCart() {
  byId("charge-row").hidden = cart.count === 0;
  byId("charge").textContent = `Charge ${money(cart.subtotal)}`;
  byId("suggestions").replaceChildren();
  for (const id of ["sale-problem", "sale-notes"]) say(id, "");
  if (cart.count) price();
}

// A discount is typed as "10 %" or as an amount.
function discounts() {
  const text = byId("discount").value.trim();
  if (!text) return [];
  const reason = byId("reason").value.trim();
  if (!reason) throw new Error("Type the reason of the discount.");
  const percent = /^(\d{1,3}) ?%$/.exec(text);
  if (percent) return [{ percent_off: Number(percent[1]), reason }];
  const minor = amount(text);
  if (minor === null) throw new Error("Type the discount as 10 % or as an amount, such as 2.50.");
  return [{ amount_off_minor: minor, reason }];
}

function sale() {
  const code = (id) => byId(id).value.trim() || null;
  return { lines: cart.lines, voucher: code("voucher"), member: code("member"), discounts: discounts() };
}

function showPriced(priced) {
  cart.setPriced(priced.lines);
  byId("charge").textContent = `Charge ${money(priced.total_minor)}`;
  say("sale-notes", priced.notes.join(" "));
  const onNo = (id) => { declined.add(id); price(); };
  const open = priced.suggestions.filter((suggestion) => !declined.has(suggestion.offer));
  redraw("suggestions", open.map((suggestion) => suggestionCard(suggestion, (id) => cart.add(id), onNo)));
}

function charge() {
  return attempt("sale-problem", () => withShipping(cart, sale, async (shipping) => {
    openPayment(await open("/orders", { ...sale(), ...shipping }));
    clearSale();
  }));
}

function scannedProduct(offer) {
  if (cart.offers.has(offer)) cart.add(offer);
}

function scannedOrder(id) {
  return attempt("sale-problem", async () => {
    const order = await read(`/orders/${id}`);
    if (order.status === "open") openPayment(order);
  });
}

function clearSale() {
  for (const id of ["voucher", "member", "discount", "reason"]) byId(id).value = "";
  declined.clear();
  cart.clear();
}

// Devices
function showDevices(devices) {
  byId("devices").replaceChildren(...Object.entries(devices).map(([name, device]) => {
    const message = [device.reason, device.advice].filter(Boolean).join(" ");
    const row = fill("device-row", { name, word: HEALTH[device.state], message });
    row.className = device.state;
    setIcon(row, device.state);
    return row;
  }));
}


// Paper
function showPrints(prints) {
  const unsure = prints.filter((job) => job.status === "unsure");
  const others = prints.filter((job) => job.status !== "unsure").slice(0, PRINTS_SHOWN);
  byId("no-prints").hidden = prints.length > 0;
  redraw("prints", [...unsure, ...others].map((job) => {
    const row = fill("print-row", { name: job.subject, word: job.status, message: job.reason });
    row.querySelector(".acts").append(...printButtons(job));
    return row;
  }));
}

function printButtons(job) {
  const path = `/prints/${job.id}`;
  if (job.status === "unsure") {
    const word = (onPaper) => attempt("print-problem", () => settle(`${path}/settle`, { on_paper: onPaper }));
    return [button("It is on paper", () => word(true), `paper ${job.id}`), button("Print again", () => word(false), `again ${job.id}`)];
  }
  if (job.status !== "printed") return [];
  return [button("Copy", () => attempt("print-problem", () => settle(`${path}/reprint`)), `copy ${job.id}`)];
}

function button(text, onClick, key) {
  const node = document.createElement("button");
  node.dataset.key = key;
  node.className = "quiet";
  node.textContent = text;
  node.addEventListener("click", async () => {
    node.disabled = true;
    await onClick();
    node.disabled = false;
  });
  return node;
}

// All of it, whenever the box says that something changed
async function refresh() {
  const paths = ["/orders?status=open", "/door", "/prints", "/offers", "/sales"];
  const [orders, door, prints, offers, sales] = await Promise.all(paths.map(read));
  showOrders(orders.orders);
  showVerdicts(door.newest);
  showDoor(door);
  showPrints(prints.prints);
  showTiles(offers.offers);
  showSales(sales.sales);
  await showLights();
  if (state?.counts.payments_pending) await showPending(refresh);
  else showPendingCount(0);
}

async function onState(now) {
  state = now;
  const takings = now.counts.takings_minor; // not for everybody's eyes
  byId("takings").textContent = `${now.counts.sales} sales${takings === undefined ? "" : ` · ${money(takings)}`}`;
  showWindow(now.window);
  showBattery(now);
  showDevices(now.devices);
  showScanners(now);
  showShift(now.shift);
  follower.see(now);
  showSms(now);
  showStock(now);
  const books = `${now.seq} ${JSON.stringify(now.counts)} ${now.window?.id} ${now.window?.state} ${now.price_rules}`;
  if (books === shown) return;
  await refresh();
  shown = books;
}

byId("scan").addEventListener("submit", onScan);
byId("pay-ticket").addEventListener("click", payTicket);
watchNames((ticket) => decide({ ticket }, "/door/admit"));
byId("override").addEventListener("submit", onOverride);
byId("charge").addEventListener("click", charge);
byId("clear").addEventListener("click", clearSale);
for (const id of ["voucher", "member", "discount", "reason"]) byId(id).addEventListener("change", showCart);
showPower();
watch(onState);
ready();
