// The attendees' page: choose, order, get a code to pay at the till; then it is the next person's.

import { Refused, act, byId, fill, money, read, redraw, say, setIcon, watch } from "./box.js";
import { Cart, orderLines, stockText } from "./cart.js";

const IDLE_MS = 60_000;
const IDLE_AFTER_ORDER_MS = 30_000;
const COUNTDOWN_S = 20;
const PAID_MS = 6000;

const place = act();
const giveUp = act();
const cart = new Cart("lines", showCart);
let order = null;
let treatAnswered = false;
let offersSeq = -1;

function showOffers(offers) {
  cart.setOffers(offers);
  redraw("offers", offers.map(offerCard));
  byId("offers").removeAttribute("aria-busy");
}

function offerCard(offer) {
  const texts = { name: offer.name, about: offer.description, price: money(offer.price_minor), stock: stockText(offer) };
  const card = fill("offer-card", texts);
  setIcon(card, offer.kind);
  card.dataset.key = offer.id;
  card.disabled = offer.stock === 0;
  card.classList.toggle("chosen", cart.wanted.has(offer.id));
  card.addEventListener("click", () => add(offer));
  return card;
}

function add(offer) {
  const quantity = cart.add(offer.id);
  byId("said").textContent = `${offer.name}: ${quantity} in your order`;
}

function showCart() {
  const { count } = cart;
  byId("empty").hidden = count > 0;
  byId("checkout").hidden = count === 0;
  byId("subtotal").textContent = money(cart.subtotal);
  byId("jump").hidden = count === 0 || order !== null;
  byId("jump").textContent = `Your order: ${count} · ${money(cart.subtotal)}`;
  for (const card of byId("offers").children) card.classList.toggle("chosen", cart.wanted.has(card.dataset.key));
  showTreat();
  say("problem", "");
}

// One small extra is offered once for each order, and a "no" is a no.
function treat() {
  return [...cart.offers.values()].find((offer) => offer.kind === "microbundle" && offer.stock !== 0);
}

function showTreat() {
  const offer = treat();
  byId("treat").hidden = treatAnswered || !offer || cart.count === 0 || cart.wanted.has(offer.id);
  if (!offer) return;
  byId("treat-name").textContent = offer.name;
  byId("treat-price").textContent = money(offer.price_minor);
  byId("treat-text").textContent = offer.description;
}

async function placeOrder() {
  byId("order").disabled = true;
  say("problem", "");
  try {
    const codes = { voucher: byId("voucher").value.trim() || null, member: byId("member").value.trim() || null };
    showSlip(await place("/orders", { lines: cart.lines, ...codes }));
  } catch (error) {
    say("problem", error.message);
  } finally {
    byId("order").disabled = false;
  }
}

function showSlip(placed) {
  order = placed;
  byId("slip-code").textContent = order.code;
  orderLines("slip-lines", "slip-line", order);
  byId("slip-total").textContent = money(order.due_minor);
  byId("slip-state").textContent = "Pay at the till: order";
  byId("slip-text").textContent = "Thank you! Tell this code at the till; your order is kept for you.";
  byId("done").classList.remove("paid");
  byId("change").hidden = false;
  show("done");
  byId("slip-code").focus();
}

function showPaid() {
  byId("slip-state").textContent = "Paid";
  byId("slip-total").textContent = money(0);
  byId("slip-text").textContent = "Thank you! Enjoy.";
  byId("done").classList.add("paid");
  byId("change").hidden = true;
  const paid = order;
  setTimeout(() => order === paid && startOver(), PAID_MS);
}

async function changeOrder() {
  try {
    await giveUp(`/orders/${order.id}/cancel`);
    order = null;
    show("choose");
    showCart();
  } catch (error) {
    byId("slip-text").textContent = error.message;
  }
}

function show(id) {
  for (const page of ["choose", "done"]) byId(page).hidden = page !== id;
  byId("jump").hidden = id !== "choose" || cart.count === 0;
  scrollTo(0, 0);
}

function startOver() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  order = null;
  treatAnswered = false;
  for (const id of ["voucher", "member"]) byId(id).value = "";
  for (const details of document.querySelectorAll("details")) details.open = false;
  cart.clear();
  show("choose");
}

async function onState(state) {
  const chip = byId("window");
  chip.hidden = !state.window;
  if (state.window) {
    chip.textContent = state.window.state === "open" ? `Open now: ${state.window.name}` : `Next: ${state.window.name}`;
    chip.classList.toggle("open", state.window.state === "open");
  }
  if (state.seq !== offersSeq) {
    showOffers((await read("/offers")).offers);
    offersSeq = state.seq;
    if (order?.status === "open") await followOrder();
  }
}

async function followOrder() {
  try {
    const now = await read(`/orders/${order.id}`);
    if (now.status === "paid") showPaid();
    if (now.status === "expired" || now.status === "cancelled") startOver();
    else order = now;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) startOver();
    else throw error;
  }
}

// Left alone, the screen asks, then forgets what the last person did.
let touchedAt = performance.now();
let askedAt = null;

function onTouch() {
  touchedAt = performance.now();
}

function stay() {
  askedAt = null;
  onTouch();
  byId("idle").close();
}

function watchIdle() {
  const now = performance.now();
  if (askedAt !== null) {
    const left = Math.ceil(COUNTDOWN_S - (now - askedAt) / 1000);
    byId("idle-left").textContent = Math.max(left, 0);
    if (left > 0) return;
    askedAt = null;
    onTouch();
    startOver();
  } else if ((cart.count || order) && now - touchedAt > (order ? IDLE_AFTER_ORDER_MS : IDLE_MS)) {
    askedAt = now;
    byId("idle").showModal();
  }
}

for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, onTouch, { passive: true });
byId("order").addEventListener("click", placeOrder);
byId("clear").addEventListener("click", startOver);
byId("treat-yes").addEventListener("click", () => add(treat()));
byId("treat-no").addEventListener("click", () => { treatAnswered = true; showTreat(); });
byId("finish").addEventListener("click", startOver);
byId("change").addEventListener("click", changeOrder);
byId("stay").addEventListener("click", stay);
byId("idle").addEventListener("cancel", stay);
setInterval(watchIdle, 500);
watch(onState);
