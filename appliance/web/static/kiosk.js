// The attendees' page: choose, order, get a code to pay at the till; then it is the next person's.

import { Refused, act, byId, fill, money, read, redraw, say, setIcon, watch } from "./box.js";
import { Cart, isSoldOut, orderLines, stockText } from "./cart.js";
import { livePrice, showPrice, suggestionCard } from "./pricing.js";
import { showWays } from "./kiosk_pay.js";
import { withShipping } from "./shipping.js";
import { showWindow } from "./window.js";

const IDLE_MS = 60_000;
const IDLE_AFTER_ORDER_MS = 30_000;
const COUNTDOWN_S = 20;
const PAID_MS = 6000;

const place = act();
const giveUp = act();
const printSlip = act();
const payHere = showWays(() => order, onPayment);
const cart = new Cart("lines", showCart);
const price = livePrice(() => ordered(), showPriced, (error) => say("problem", error.message));
const declined = new Set();
let order = null;
let isMember = false;
let offersVersion = "";

function showOffers(offers) {
  cart.setOffers(offers);
  drawOffers();
  byId("offers").removeAttribute("aria-busy");
}

// Variants of one thing share a card, which asks for the one that is wanted.
function drawOffers() {
  const families = new Map();
  for (const offer of cart.offers.values()) {
    if (offer.restockOf) continue;
    const id = offer.variant_of ?? offer.id;
    families.set(id, [...(families.get(id) ?? []), offer]);
  }
  redraw("offers", [...families.values()].map((family) => (family[0].variant_of ? familyCard(family) : offerCard(family[0]))));
}

function offerCard(offer) {
  const card = fill("offer-card", { name: offer.name, about: offer.description, stock: stockText(offer) });
  showPicture(card, offer);
  showPrice(card, offer, isMember);
  card.dataset.key = offer.id;
  card.disabled = isSoldOut(offer);
  card.classList.toggle("chosen", cart.holds(offer.id));
  card.addEventListener("click", () => add(offer));
  return card;
}

function familyCard(family) {
  const cheapest = family.reduce((one, other) => (other.price_minor < one.price_minor ? other : one));
  const sold = family.every(isSoldOut);
  const card = fill("offer-card", { name: cheapest.family, about: cheapest.description, stock: sold ? "Sold out" : "" });
  showPicture(card, cheapest);
  showPrice(card, cheapest, isMember);
  card.querySelector(".price").prepend(family.every((offer) => offer.price_minor === cheapest.price_minor) ? "" : "from ");
  card.dataset.key = cheapest.variant_of;
  card.dataset.members = family.map((offer) => offer.id).join(" ");
  card.disabled = sold;
  card.classList.toggle("chosen", family.some((offer) => cart.holds(offer.id)));
  card.addEventListener("click", () => chooseVariant(family));
  return card;
}

function showPicture(card, offer) {
  setIcon(card, offer.kind);
  if (!offer.photo) return;
  const picture = Object.assign(document.createElement("img"), { src: offer.photo, alt: "", className: "picture" });
  card.querySelector(".glyph").replaceWith(picture);
}

function chooseVariant(family) {
  byId("variants-title").textContent = family[0].family;
  byId("variant-list").replaceChildren(...family.map((offer) => {
    const button = fill("variant", { name: offer.variant, stock: stockText(offer) });
    showPrice(button, offer, isMember);
    button.disabled = isSoldOut(offer);
    button.addEventListener("click", () => { add(offer); byId("variants").close(); });
    return button;
  }));
  byId("variants").showModal();
}

function add(offer) {
  const quantity = cart.add(offer.id);
  byId("said").textContent = `${offer.name}: ${quantity} in your order`;
}

function showCart() {
  const { count } = cart;
  byId("empty").hidden = count > 0;
  byId("checkout").hidden = count === 0;
  byId("jump").hidden = count === 0 || order !== null;
  showTotal(cart.subtotal);
  for (const card of byId("offers").children) {
    const ids = (card.dataset.members ?? card.dataset.key).split(" ");
    card.classList.toggle("chosen", ids.some((id) => cart.holds(id)));
  }
  say("problem", "");
  if (cart.offers.size) price();
}

function showTotal(minor) {
  byId("subtotal").textContent = money(minor);
  byId("jump").textContent = `Your order: ${cart.count} · ${money(minor)}`;
}

const codes = () => ({ voucher: byId("voucher").value.trim() || null, member: byId("member").value.trim() || null });

function showPriced(priced) {
  cart.setPriced(priced.lines);
  showTotal(cart.count ? priced.total_minor : cart.subtotal);
  say("notes", priced.notes.join(" "));
  showSuggestions(priced.suggestions);
  if (isMember !== priced.is_member) {
    isMember = priced.is_member;
    drawOffers();
  }
}

// Beside the offers on arrival, in the cart afterwards; whoever says no on arrival is asked once more in the cart.
function showSuggestions(suggestions) {
  const [here, there] = cart.count ? ["treat", "arrival"] : ["arrival", "treat"];
  const onNo = (id) => { declined.add(`${here} ${id}`); price(); };
  const open = suggestions.filter((suggestion) => !declined.has(`${here} ${suggestion.offer}`));
  redraw(here, open.map((suggestion) => suggestionCard(suggestion, (id) => add(cart.offers.get(id)), onNo)));
  byId(there).replaceChildren();
  for (const id of ["treat", "arrival"]) byId(id).hidden = byId(id).children.length === 0;
}

async function placeOrder() {
  byId("order").disabled = true;
  say("problem", "");
  try {
    await withShipping(cart, ordered, send);
  } catch (error) {
    say("problem", error.message);
  } finally {
    byId("order").disabled = false;
  }
}

const ordered = () => ({ lines: cart.lines, ...codes() });

async function send(shipping) {
  const placed = await place("/orders", { ...ordered(), ...shipping });
  if (placed.sale) return showFree(placed);
  showSlip(placed);
  if (!payHere.isThere) print();
}

function showSlip(placed) {
  order = placed;
  byId("slip-code").textContent = order.code;
  orderLines("slip-lines", "slip-line", order);
  byId("slip-total").textContent = money(order.due_minor);
  byId("slip-state").textContent = "Pay at the till: order";
  byId("slip-text").textContent = `Thank you! Tell this code at the till; ${kept(order)}`;
  byId("done").classList.remove("paid");
  byId("slip-receipt").hidden = true;
  byId("change").hidden = byId("slip-print").hidden = false;
  payHere.reset();
  show("done");
  byId("slip-code").focus();
}

function kept({ hold_min: minutes }) {
  return minutes === null ? "your order is kept for you." : `your order is kept for you for ${minutes} minutes.`;
}

// The slip is only a help: where there is no paper, the code on the screen does.
async function print() {
  const asked = order;
  const begun = asked.due_minor < asked.total_minor;
  byId("slip-print").hidden = true;
  try {
    await printSlip(`/orders/${asked.id}/slip`);
    if (order !== asked) return;
    byId("slip-text").textContent = begun
      ? "Take your slip to the till and pay the rest at the till."
      : `Thank you! Take your slip to the till, or tell this code there; ${kept(asked)}`;
  } catch {
    byId("slip-print").hidden = order?.status !== "open";
  }
}

function showFree({ order: free, sale }) {
  showSlip(free);
  showPaid(sale);
}

function onPayment({ order: now, sale, balance_after: left }) {
  order = now;
  if (sale) return showPaid(sale);
  byId("slip-total").textContent = money(now.due_minor);
  byId("change").hidden = true; // money is in it: staff gives it back
  byId("slip-text").textContent = `${left ? "" : "The card is empty now. "}Please pay the rest at the till.`;
  print();
}

function showPaid(sale) {
  byId("slip-state").textContent = "Paid";
  byId("slip-total").textContent = money(0);
  byId("slip-text").textContent = "Thank you! Enjoy.";
  byId("slip-receipt").hidden = !sale.page;
  if (sale.page) byId("receipt-code").src = `${sale.page}/code.svg`;
  byId("done").classList.add("paid");
  byId("change").hidden = byId("slip-print").hidden = true;
  payHere.hide();
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
  payHere.reset();
  declined.clear();
  for (const id of ["voucher", "member"]) byId(id).value = "";
  for (const details of document.querySelectorAll("details")) details.open = false;
  cart.clear();
  show("choose");
}

async function onState(state) {
  showWindow(state.window);
  say("closing", state.closing ? "The box is about to switch off: no new orders here until it is back." : "");
  const version = `${state.seq} ${state.window?.id} ${state.window?.state} ${state.price_rules}`;
  if (version !== offersVersion) {
    showOffers((await read("/offers")).offers);
    offersVersion = version;
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
for (const id of ["voucher", "member"]) byId(id).addEventListener("change", showCart);
byId("finish").addEventListener("click", startOver);
byId("change").addEventListener("click", changeOrder);
byId("slip-print").addEventListener("click", print);
byId("stay").addEventListener("click", stay);
byId("idle").addEventListener("cancel", stay);
setInterval(watchIdle, 500);
watch(onState);
