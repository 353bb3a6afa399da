// What somebody wants, before it is an order: offer ids and quantities, drawn as a list with − and +.

import { byId, fill, money, redraw, text } from "./box.js";
import { markNamed, named } from "./i18n.js";
import { steps } from "./pricing.js";

const MAX_QUANTITY = 99;

export class Cart {
  constructor(listId, onChange) {
    this.listId = listId;
    this.onChange = onChange;
    this.offers = new Map();
    this.wanted = new Map();
    this.tickets = new Map(); // by offer: an unpaid ticket that is paid as it, alone on its line
    this.priced = new Map();
  }

  // While an order of this cart is out (`isOrdered`), what is reserved is reserved for it.
  setOffers(offers, isOrdered = false) {
    this.offers = new Map(offers.flatMap(withRestock).map((offer) => [offer.id, offer]));
    return this.fitAll(isOrdered);
  }

  // True if something went out.
  fitAll(isOrdered = false) {
    const isCut = [...this.wanted.keys()].filter((id) => this.fit(id, isOrdered)).length > 0;
    this.draw();
    return isCut;
  }

  // Somebody else bought what was left: the rest goes on as restock, or out of the cart; true if it went out.
  fit(id, isOrdered = false) {
    const [offer, wanted] = [this.offers.get(id), this.wanted.get(id)];
    if (!offer) {
      this.remove(id);
      return true;
    }
    if (isOrdered || this.tickets.has(id) || offer.stock === null || wanted <= offer.stock) return false;
    if (offer.stock) this.wanted.set(id, offer.stock);
    else this.remove(id);
    if (!offer.restock) return true;
    const later = offer.restock.offer;
    this.wanted.set(later, (this.wanted.get(later) ?? 0) + wanted - offer.stock);
    return false;
  }

  // The box's own prices of these lines, with each step explained.
  setPriced(lines) {
    this.priced = new Map(lines.map((line) => [line.offer, line]));
    this.redraw();
  }

  // What is not on the shelf any more goes on as restock, where the event says so.
  add(id, by = 1) {
    const { restock, stock } = this.offers.get(id);
    if (restock && stock !== null && (this.wanted.get(id) ?? 0) + by > stock && by > 0) return this.add(restock.offer, by);
    const quantity = Math.min((this.wanted.get(id) ?? 0) + by, MAX_QUANTITY, this.offers.get(id).stock ?? MAX_QUANTITY);
    if (quantity <= 0) this.remove(id);
    else if (!this.tickets.has(id)) this.wanted.set(id, quantity);
    this.draw();
    return this.wanted.get(id) ?? 0;
  }

  addTicket({ offer, amount_minor: price, code }) {
    this.tickets.set(offer, { code, price });
    this.wanted.set(offer, 1);
    this.draw();
  }

  // What was ordered; what was added since stays.
  takeOut(lines) {
    for (const { offer, quantity } of lines) {
      const rest = (this.wanted.get(offer) ?? 0) - quantity;
      if (rest > 0) this.wanted.set(offer, rest);
      else this.remove(offer);
    }
    this.draw();
  }

  remove(id) {
    this.wanted.delete(id);
    this.tickets.delete(id);
  }

  clear() {
    this.wanted.clear();
    this.tickets.clear();
    this.draw();
  }

  // What of it outlives the page.
  get kept() {
    return [...this.wanted].map(([id, quantity]) => [id, quantity, this.tickets.get(id)]);
  }

  restore(kept) {
    for (const [id, quantity, ticket] of kept) {
      this.wanted.set(id, quantity);
      if (ticket) this.tickets.set(id, ticket);
    }
    return this.fitAll();
  }

  get lines() {
    return [...this.wanted].map(([offer, quantity]) => {
      const ticket = this.tickets.get(offer);
      return ticket ? { offer, quantity, ticket: ticket.code } : { offer, quantity };
    });
  }

  holds(id) {
    return this.wanted.has(id) || this.wanted.has(this.offers.get(id)?.restock?.offer);
  }

  quantity(id) {
    return (this.wanted.get(id) ?? 0) + (this.wanted.get(this.offers.get(id)?.restock?.offer) ?? 0);
  }

  get count() {
    return [...this.wanted.values()].reduce((sum, quantity) => sum + quantity, 0);
  }

  // Until the box has answered; it has the last word.
  get subtotal() {
    return [...this.wanted].reduce((sum, [id, quantity]) => sum + this.price(id) * quantity, 0);
  }

  price(id) {
    return this.tickets.get(id)?.price ?? this.offers.get(id).price_minor;
  }

  draw() {
    this.redraw();
    this.onChange();
  }

  redraw() {
    redraw(this.listId, [...this.wanted].map(([id, quantity]) => this.line(id, quantity)));
  }

  line(id, quantity) {
    const offer = this.offers.get(id);
    const node = fill("cart-line", { name: nameOf(offer), each: text(this.tickets.has(id) ? "for_ticket" : "each", { price: money(this.price(id)) }) });
    markNamed(node, offer.names);
    node.querySelector("output").textContent = quantity;
    node.querySelector(".what").append(...steps(this.priced.get(id)));
    for (const [kind, by, key] of [["less", -1, "one_less"], ["more", 1, "one_more"]]) {
      const button = node.querySelector(`.${kind}`);
      button.setAttribute("aria-label", text(key, { name: nameOf(offer) }));
      button.dataset.key = `${kind} ${id}`;
      button.addEventListener("click", () => this.add(id, by));
    }
    return node;
  }
}

// `offers` say what is in the order in the language of the screen; without them it is named as on paper.
export function orderLines(listId, templateId, order, offers = new Map()) {
  const rows = order.lines.map((line) => {
    const name = offers.has(line.offer) ? nameOf(offers.get(line.offer)) : line.name;
    const row = fill(templateId, { name: `${line.quantity} × ${name}`, price: money(line.total_minor) });
    row.querySelector(".name").append(...steps(line));
    return row;
  });
  byId(listId).replaceChildren(...rows);
}

// An offer, and where it goes on as restock the same once more: ordered now, sent later.
function withRestock(offer) {
  if (!offer.restock) return [offer];
  const later = { id: offer.restock.offer, stock: null, restock: null, restockOf: offer.id };
  return [offer, { ...offer, ...later }];
}

export function nameOf(offer) {
  const name = named(offer.name, offer.names);
  return offer.restockOf ? text("restock_of", { name }) : name;
}

export const familyOf = (offer) => named(offer.family, offer.family_names);
export const isSoldOut = (offer) => offer.stock === 0 && !offer.restock;

export function stockText({ stock, restock }, few = 5) {
  if (stock === 0) return text(restock ? "sent_later" : "sold_out");
  return stock !== null && stock <= few ? text("stock_left", { count: stock }) : "";
}
