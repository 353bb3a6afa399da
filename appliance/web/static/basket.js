// The cart of whoever stands here: what is in it, what the box says that it costs, and what goes with it.

import { byId, explain, money, redraw, say, text } from "./box.js";
import { Cart, nameOf } from "./cart.js";
import { onTyped } from "./finger.js";
import { isEnglish, named } from "./i18n.js";
import { drawHighlights, drawOffers, markAllChosen } from "./offers.js";
import { livePrice, suggestionCard } from "./pricing.js";
import { triedOffer } from "./signals.js";

const FIELDS = ["voucher", "member"];

export const cart = new Cart("lines", onChange);
const price = livePrice(() => ordered(), showPriced, onRefused);
const declined = new Set();
let priced = null; // the box's newest answer
let isMember = false;
let isPriceProblem = false;

export const hasMemberPrices = () => isMember;
const codes = () => Object.fromEntries(FIELDS.map((id) => [id, byId(id).value.trim() || null]));
export const ordered = () => ({ lines: cart.lines, ...codes() });

export function setOffers(offers, isOrdered) {
  const isCut = cart.setOffers(offers, isOrdered);
  drawAll();
  if (isCut) complain(text("refused_sold_out"));
}

// What is wrong with an order stays to be read until its guest does something about it.
function complain(words, ofPrice = false) {
  say("problem", words);
  isPriceProblem = ofPrice && Boolean(words);
}

export function drawAll() {
  drawOffers(cart, isMember, add);
  drawHighlights(cart.offers.values());
  cart.draw();
}

export function add(offer) {
  complain("");
  const count = cart.add(offer.id);
  byId("said").textContent = text("in_order", { name: nameOf(offer), count });
  triedOffer(offer.id, isMember);
}

// A code that was scanned, of a voucher or a member card.
export function takeCode(field, code) {
  byId(field).value = code;
  onCode();
}

export function clear() {
  declined.clear();
  for (const id of FIELDS) byId(id).value = "";
  byId("said").textContent = "";
  complain("");
  cart.clear();
}

function onChange() {
  const { count } = cart;
  byId("empty").hidden = count > 0;
  byId("checkout").hidden = byId("codes").hidden = count === 0;
  byId("cart").classList.toggle("filled", count > 0);
  showTotal(cart.subtotal);
  markAllChosen(cart);
  if (cart.offers.size) price();
}

function onCode() {
  complain("");
  onChange();
}

function showTotal(minor) {
  byId("subtotal").textContent = money(minor);
  byId("jump").textContent = text("cart_bar", { count: cart.count, total: money(minor) });
  byId("jump").hidden = cart.count === 0;
}

function showPriced(answer) {
  priced = answer;
  cart.setPriced(priced.lines);
  showTotal(cart.count ? priced.total_minor : cart.subtotal);
  say("notes", note());
  if (isPriceProblem) complain("");
  showSuggestions();
  if (isMember !== priced.is_member) {
    isMember = priced.is_member;
    drawOffers(cart, isMember, add);
  }
}

function onRefused(error) {
  if (!byId("problem").textContent || isPriceProblem) complain(explain(error), true);
  if (error.code === "voucher_pays") byId("voucher").value = ""; // it pays once the order is placed
}

// Never whose card it is: others look at this screen too.
function note() {
  if (priced.notes.length) return isEnglish() ? priced.notes.join(" ") : text("membership_ended");
  return priced.is_member && codes().member ? text("member_hello") : "";
}

// A small extra beside the offers on arrival, in the cart afterwards; a "no" holds until the next guest.
function showSuggestions() {
  const [here, there] = cart.count ? ["treat", "arrival"] : ["arrival", "treat"];
  const isForHere = ({ kind, offer }) => !declined.has(`${here} ${offer}`) && !(cart.count && kind === "membership");
  const onNo = (id) => { declined.add(`${here} ${id}`); showSuggestions(); }; // on arrival: the cart asks once more
  redraw(here, priced.suggestions.filter(isForHere).map((one) => suggestionCard(inWords(one), addById, onNo)));
  byId(there).replaceChildren();
  const joining = cart.count ? membership() : null;
  redraw("join", joining ? [suggestionCard(inWords(joining), addById)] : []);
  for (const id of ["treat", "arrival", "join"]) byId(id).hidden = byId(id).children.length === 0;
}

// A suggestion by the offer's name in the language of the screen.
function inWords(suggestion) {
  const { name, names } = cart.offers.get(suggestion.offer) ?? suggestion;
  return { ...suggestion, name: named(name, names) };
}

const addById = (id) => add(cart.offers.get(id));

// Joining is one tap at the checkout, with what it saves; the event may say that it is never suggested.
function membership() {
  if (priced.is_member) return null;
  const saving = priced.suggestions.find((one) => one.kind === "membership");
  if (saving) return saving;
  const offer = [...cart.offers.values()].find((one) => one.kind === "membership" && one.suggest !== "never" && one.stock !== 0);
  if (!offer) return null;
  return { offer: offer.id, kind: offer.kind, name: offer.name, text: offer.description, price_minor: offer.price_minor, saves_minor: 0 };
}

for (const id of FIELDS) onTyped(byId(id), onCode);
// The bar that leads to the order is in the way where the order is to be seen.
const onSeen = ([{ isIntersecting }]) => { document.body.dataset.cart = isIntersecting ? "seen" : ""; };
new IntersectionObserver(onSeen, { rootMargin: "0px 0px -25% 0px" }).observe(byId("cart"));
