// What a scanner reads goes to one tablet's sale: a product into the cart, an order slip to its payment.

import { byId, text } from "./box.js";

const KEPT = "stallbox.follows";
const FIRST = "till"; // what a tablet without a scanner of its own follows until somebody chooses

export class Follower {
  constructor({ onProduct, onOrder }) {
    this.acts = { product: onProduct, order: onOrder };
    this.seen = null; // seq of the newest scan that was acted upon; null before the first look
    byId("follow").addEventListener("change", () => this.choose(byId("follow").value));
  }

  choose(role) {
    localStorage.setItem(KEPT, role);
    this.seen = null;
  }

  // Called with each new state. What was scanned before this page was open is not sold again.
  see({ devices, scans, seq, tablet }) {
    const roles = Object.keys(devices).filter((name) => name.startsWith("scanner.")).map((name) => name.slice(8));
    const kept = localStorage.getItem(KEPT) ?? tablet?.scanner ?? FIRST;
    const role = roles.includes(kept) ? kept : "";
    this.offer(roles, role);
    const scan = scans?.[role];
    const isNews = this.seen !== null && scan && scan.seq > this.seen;
    this.seen = Math.max(this.seen ?? seq, scan?.seq ?? 0);
    if (isNews && scan.names) this.acts[scan.kind]?.(scan.names);
  }

  offer(roles, role) {
    const select = byId("follow");
    byId("follow-row").hidden = roles.length === 0;
    if (select.options.length !== roles.length + 1) {
      select.replaceChildren(new Option(text("no_scanner"), ""), ...roles.map((name) => new Option(text("the_scanner", { name }), name)));
    }
    select.value = role;
  }
}
