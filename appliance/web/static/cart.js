// What somebody wants, before it is an order: offer ids and quantities, drawn as a list with − and +.

import { byId, fill, money, redraw } from "./box.js";

const MAX_QUANTITY = 99;

export class Cart {
  constructor(listId, onChange) {
    this.listId = listId;
    this.onChange = onChange;
    this.offers = new Map();
    this.wanted = new Map();
  }

  setOffers(offers) {
    this.offers = new Map(offers.map((offer) => [offer.id, offer]));
    for (const id of this.wanted.keys()) if (!this.offers.has(id)) this.wanted.delete(id);
    this.draw();
  }

  add(id, by = 1) {
    const quantity = Math.min((this.wanted.get(id) ?? 0) + by, MAX_QUANTITY, this.offers.get(id).stock ?? MAX_QUANTITY);
    if (quantity > 0) this.wanted.set(id, quantity);
    else this.wanted.delete(id);
    this.draw();
    return this.wanted.get(id) ?? 0;
  }

  clear() {
    this.wanted.clear();
    this.draw();
  }

  get lines() {
    return [...this.wanted].map(([offer, quantity]) => ({ offer, quantity }));
  }

  get count() {
    return [...this.wanted.values()].reduce((sum, quantity) => sum + quantity, 0);
  }

  // Before vouchers; the box has the last word when the order is placed.
  get subtotal() {
    return [...this.wanted].reduce((sum, [id, quantity]) => sum + this.offers.get(id).price_minor * quantity, 0);
  }

  draw() {
    redraw(this.listId, [...this.wanted].map(([id, quantity]) => this.line(id, quantity)));
    this.onChange();
  }

  line(id, quantity) {
    const offer = this.offers.get(id);
    const node = fill("cart-line", { name: offer.name, each: `${money(offer.price_minor)} each` });
    node.querySelector("output").textContent = quantity;
    for (const [kind, by, word] of [["less", -1, "One less"], ["more", 1, "One more"]]) {
      const button = node.querySelector(`.${kind}`);
      button.setAttribute("aria-label", `${word}: ${offer.name}`);
      button.dataset.key = `${kind} ${id}`;
      button.addEventListener("click", () => this.add(id, by));
    }
    return node;
  }
}

export function orderLines(listId, templateId, order) {
  const rows = order.lines.map((line) => fill(templateId, { name: `${line.quantity} × ${line.name}`, price: money(line.total_minor) }));
  byId(listId).replaceChildren(...rows);
}

export const stockText = (offer) => (offer.stock === 0 ? "Sold out" : offer.stock !== null && offer.stock <= 5 ? `${offer.stock} left` : "");
