// The till: a grid of what is sold, one field that searches it and takes scans, the sale at hand, the charge.

import { act, amount, byId, explain, fill, money, read, redraw, say, text } from "./box.js";
import { Cart, isSoldOut, nameOf, stockText } from "./cart.js";
import { onTyped } from "./finger.js";
import { isEnglish } from "./i18n.js";
import { isPaying, openPayment, takeCard } from "./pay.js";
import { livePrice, showPrice, suggestionCard } from "./pricing.js";
import { withShipping } from "./shipping.js";

const FIELDS = ["voucher", "member", "discount", "reason"];
const KEPT = "stallbox.sale"; // until it is charged or cleared: a page that is loaded anew, or a PIN asked anew, loses nothing
const open = act("charge");
const cart = new Cart("lines", showCart);
const price = livePrice(sale, showPriced, onRefused);
const declined = new Set();
let tellKnown;
const known = new Promise((resolve) => { tellKnown = resolve; }); // what is sold: until then, what was picked waits
let offers = [];
let isRestored = false;
let isRefreshed = false;
let isPriceProblem = false;
let isOpening = false; // an order of this sale is out, and not answered yet
let refresh = async () => {};

// What is wrong with the price goes once there is one.
function complain(words, ofPrice = false) {
  say("sale-problem", words);
  isPriceProblem = ofPrice && Boolean(words);
}

async function attempt(work) {
  complain("");
  try {
    await work();
    await refresh();
  } catch (error) {
    complain(explain(error));
  }
}

// The grid
export function showTiles(now) {
  offers = now;
  isRefreshed = true; // what is wrong with the sale stays to be read
  const isCut = cart.setOffers(offers, isOpening);
  isRefreshed = false;
  if ((!isRestored && restore()) || isCut) complain(text("refused_sold_out"));
  drawTiles();
  tellKnown();
}

// What does not get into the sale is said: nobody looks at the list for each scan.
function add(id) {
  if (!cart.offers.has(id)) throw new Error(text("nothing_called", { text: id }));
  const before = cart.quantity(id);
  if (cart.tickets.has(id)) throw new Error(text("refused_ticket_alone"));
  cart.add(id);
  if (cart.quantity(id) === before) throw new Error(`${nameOf(cart.offers.get(id))}: ${text("sold_out")}`);
}

async function pick(id) {
  await known;
  try {
    add(id);
  } catch (error) {
    complain(explain(error));
  }
}

const plain = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const found = () => {
  const words = plain(byId("find").value).split(/\s+/).filter(Boolean);
  return offers.filter((offer) => words.every((word) => plain(`${offer.name} ${nameOf(offer)} ${offer.category}`).includes(word)));
};

function drawTiles() {
  const fitting = found();
  byId("no-tiles").hidden = fitting.length > 0;
  byId("no-tiles").textContent = text(offers.length ? "no_such_offer" : "nothing_for_sale");
  redraw("tiles", fitting.map((offer) => {
    const tile = fill("tile", { name: nameOf(offer), stock: stockText(offer) });
    showPrice(tile, offer, false);
    tile.dataset.key = offer.id;
    tile.disabled = isSoldOut(offer);
    tile.addEventListener("click", () => pick(offer.id));
    return tile;
  }));
}

// What was typed or scanned is a barcode, an order slip's code, or a part of one offer's name.
async function find(typed) {
  await known;
  const offer = offers.find((one) => one.barcode && one.barcode === typed);
  if (offer) return add(offer.id);
  const { orders } = await read("/orders?status=open");
  const order = orders.find((one) => one.code === typed || one.id === typed);
  if (order) return openPayment(order);
  const fitting = found();
  if (fitting.length !== 1) throw new Error(fitting.length ? text("several_fit") : text("nothing_called", { text: typed }));
  return add(fitting[0].id);
}

function onFind(event) {
  event.preventDefault();
  const typed = byId("find").value.trim();
  if (!typed) return undefined;
  return attempt(async () => {
    await find(typed);
    byId("find").value = "";
    drawTiles();
  });
}

// The sale at hand
function showCart() {
  byId("charge-row").hidden = cart.count === 0;
  byId("empty").hidden = cart.count > 0;
  byId("charge").textContent = text("charge_amount", { amount: money(cart.subtotal) });
  byId("suggestions").replaceChildren();
  if (!isRefreshed) complain("");
  say("sale-notes", waiting());
  if (isRestored) keepSale();
  if (cart.count) price();
}

// What was scanned and is not to be seen yet: fields that show with the first thing, a card that pays once it is charged.
function waiting() {
  const early = [["voucher", text("voucher_waits")], ["member", text("member_waits")]];
  const words = [...(cart.count ? [] : early), ["stored-code", text("gift_card_waits")]];
  return words.filter(([id]) => byId(id).value).map(([, said]) => said).join(" ");
}

const fields = () => Object.fromEntries(FIELDS.map((id) => [id, byId(id).value]));

function keepSale() {
  if (cart.count) sessionStorage.setItem(KEPT, JSON.stringify({ lines: cart.kept, typed: fields() }));
  else sessionStorage.removeItem(KEPT);
}

function restore() {
  isRestored = true;
  const { lines, typed } = JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  if (!lines) return false;
  for (const id of FIELDS) byId(id).value = typed[id];
  return cart.restore(lines);
}

// A discount is typed as "10 %" or as an amount.
function discounts() {
  const typed = byId("discount").value.trim();
  if (!typed) return [];
  const reason = byId("reason").value.trim();
  if (!reason) throw new Error(text("type_discount_reason"));
  const percent = /^(\d{1,3}) ?%$/.exec(typed);
  if (percent) return [{ percent_off: Number(percent[1]), reason }];
  const minor = amount(typed);
  if (minor === null) throw new Error(text("type_discount"));
  return [{ amount_off_minor: minor, reason }];
}

function sale() {
  const code = (id) => byId(id).value.trim() || null;
  return { lines: cart.lines, voucher: code("voucher"), member: code("member"), discounts: discounts() };
}

function showPriced(priced) {
  if (!cart.count) return; // cleared meanwhile
  if (isPriceProblem) complain("");
  cart.setPriced(priced.lines);
  byId("charge").textContent = text("charge_amount", { amount: money(priced.total_minor) });
  const notes = isEnglish() || !priced.notes.length ? priced.notes : [text("membership_over")];
  say("sale-notes", [...notes, waiting()].filter(Boolean).join(" "));
  const onNo = (id) => { declined.add(id); price(); };
  const asked = priced.suggestions.filter((suggestion) => !declined.has(suggestion.offer));
  redraw("suggestions", asked.map((suggestion) => suggestionCard(suggestion, pick, onNo)));
}

// A gift card pays once there is an order: it waits where it is used then.
function onRefused(error) {
  if (error.code !== "voucher_pays") {
    if (!byId("sale-problem").textContent || isPriceProblem) complain(explain(error), true);
    return undefined;
  }
  takeCard(byId("voucher").value);
  byId("voucher").value = "";
  return showCart();
}

const charge = () => attempt(() => withShipping(cart, sale, openOrder));

// The answer may take long: what was added or typed meanwhile is the next sale.
async function openOrder(shipping) {
  const [sent, was] = [sale(), fields()];
  isOpening = byId("charge").disabled = true;
  try {
    openPayment(await open("/orders", { ...sent, ...shipping }));
  } finally {
    isOpening = byId("charge").disabled = false;
  }
  for (const id of FIELDS) if (byId(id).value === was[id]) byId(id).value = "";
  declined.clear();
  cart.takeOut(sent.lines);
}

function clearSale() {
  for (const id of [...FIELDS, "stored-code"]) byId(id).value = "";
  declined.clear();
  cart.clear();
}

// Each ticket that is paid is alone on its line: another of its kind waits until this sale is charged.
export async function addTicket(unpaid) {
  await known;
  if (cart.holds(unpaid.offer)) complain(text("refused_ticket_alone"));
  else cart.addTicket(unpaid);
  byId("charge").focus();
}

// What the scanner that this tablet follows has read, by its kind.
export const scanned = {
  product: pick,
  order: (id) => attempt(async () => {
    const order = await read(`/orders/${id}`);
    if (order.status === "open") openPayment(order);
  }),
  voucher: (code) => takeCode("voucher", code),
  member: (code) => takeCode("member", code),
};

// A code goes into the sale at hand; while its money is taken, to where gift cards and credits pay.
function takeCode(field, code) {
  if (isPaying()) return takeCard(code);
  byId(field).value = code;
  byId("price-off").open = true;
  return showCart();
}

// `onChange` has everything read anew, after an order was opened here.
export function startTill(onChange) {
  refresh = onChange;
  byId("find").addEventListener("input", drawTiles);
  byId("find-offer").addEventListener("submit", onFind);
  byId("charge").addEventListener("click", charge);
  byId("clear").addEventListener("click", clearSale);
  for (const id of FIELDS) onTyped(byId(id), showCart);
}
