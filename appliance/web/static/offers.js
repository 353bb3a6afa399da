// The offers as cards to tap, on the attract screen as a look at what is there, and the dialog that asks for a variant.

import { byId, fill, money, redraw, setIcon, text } from "./box.js";
import { familyOf, isSoldOut, nameOf, stockText } from "./cart.js";
import { markNamed, named } from "./i18n.js";
import { showPrice } from "./pricing.js";

const SHOWN_AT_FIRST = 4;
const MANY = 99; // on the first screen stock is told while it is a number that says something

// Variants of one thing share a card, which asks for the one that is wanted.
function families(offers) {
  const found = new Map();
  for (const offer of offers) {
    if (offer.restockOf) continue;
    const id = offer.variant_of ?? offer.id;
    found.set(id, [...(found.get(id) ?? []), offer]);
  }
  return [...found.values()];
}

const cheapestOf = (family) => family.reduce((one, other) => (other.price_minor < one.price_minor ? other : one));

export function drawOffers(cart, isMember, add) {
  redraw("offers", families(cart.offers.values()).map((family) => card(family, cart, isMember, add)));
  byId("offers").removeAttribute("aria-busy");
}

function card(family, cart, isMember, add) {
  const [shown, isFamily] = [cheapestOf(family), Boolean(family[0].variant_of)];
  const isGone = family.every(isSoldOut);
  const stock = isFamily ? (isGone ? text("sold_out") : "") : stockText(shown);
  const node = fill("offer-card", { name: isFamily ? familyOf(shown) : nameOf(shown), about: shown.description, stock });
  markNamed(node, isFamily ? shown.family_names : shown.names);
  showPicture(node, shown);
  showPrice(node, shown, isMember);
  if (family.some((offer) => offer.price_minor !== shown.price_minor)) {
    const price = node.querySelector(".price");
    price.textContent = text("from_price", { price: price.textContent });
  }
  node.dataset.key = isFamily ? shown.variant_of : shown.id;
  node.dataset.members = family.map((offer) => offer.id).join(" ");
  node.disabled = isGone;
  node.addEventListener("click", () => (isFamily ? chooseVariant(family, isMember, add) : add(shown)));
  markChosen(node, cart);
  return node;
}

function markChosen(node, cart) {
  const ids = node.dataset.members.split(" ");
  const count = ids.reduce((sum, id) => sum + cart.quantity(id), 0);
  node.classList.toggle("chosen", count > 0);
  node.querySelector(".badge").textContent = count || "";
}

export function markAllChosen(cart) {
  for (const node of byId("offers").children) markChosen(node, cart);
}

function showPicture(node, offer) {
  setIcon(node, offer.kind);
  if (!offer.photo) return;
  const picture = Object.assign(document.createElement("img"), { src: offer.photo, alt: "", loading: "lazy" });
  node.querySelector(".picture").replaceChildren(picture);
}

function chooseVariant(family, isMember, add) {
  byId("variants-title").textContent = familyOf(family[0]);
  byId("variant-list").replaceChildren(...family.map((offer) => {
    const button = fill("variant", { name: named(offer.variant, offer.variant_names), stock: stockText(offer) });
    markNamed(button, offer.variant_names);
    showPrice(button, offer, isMember);
    button.disabled = isSoldOut(offer);
    button.addEventListener("click", () => { byId("variants").close(); add(offer); });
    return button;
  }));
  byId("variants").showModal();
}

// What can be had just now, one of each thing: those with a picture first.
export function drawHighlights(offers) {
  const there = families(offers).filter((family) => !family.every(isSoldOut)).map(cheapestOf);
  const shown = [...there].sort((one, other) => Boolean(other.photo) - Boolean(one.photo)).slice(0, SHOWN_AT_FIRST);
  byId("highlights").replaceChildren(...shown.map((offer) => {
    const name = offer.family ? familyOf(offer) : nameOf(offer);
    const node = fill("highlight", { name, price: money(offer.price_minor), stock: stockText(offer, MANY) });
    markNamed(node, offer.family ? offer.family_names : offer.names);
    showPicture(node, offer);
    return node;
  }));
  byId("on-the-table").hidden = shown.length === 0;
}
