// What a scanner reads goes to one tablet's sale: goods, vouchers and member cards into it, an order slip to its payment.

import { byId, read, text } from "./box.js";

const KEPT = "stallbox.follows";
const FIRST = "till"; // what a tablet without a scanner of its own follows until somebody chooses
const LOOKS_MS = [0, 300, 700]; // what is in the state may land a moment later

export class Follower {
  // `acts` by the kind of what was read: each takes the id or the code of it.
  constructor(acts) {
    this.acts = acts;
    this.seen = null; // seq of the newest scan that was acted upon; null before the first look
    byId("follow").addEventListener("change", () => this.choose(byId("follow").value));
  }

  choose(role) {
    localStorage.setItem(KEPT, role);
    this.seen = null;
  }

  // Called with each new state. What was scanned before this page was open is not sold again; if the box is gone in the
  // middle, the same state comes once more.
  async see({ devices, scans, seq, tablet }) {
    const roles = Object.keys(devices).filter((name) => name.startsWith("scanner.")).map((name) => name.slice(8));
    const kept = localStorage.getItem(KEPT) ?? tablet?.scanner ?? FIRST;
    const role = roles.includes(kept) ? kept : "";
    this.offer(roles, role);
    const [newest, seen] = [scans?.[role], this.seen];
    const isNews = seen !== null && newest && newest.seq > seen;
    const news = isNews ? (await landed(role, newest)).filter((scan) => scan.seq > seen) : [];
    if (this.seen !== seen) return; // somebody chose another scanner meanwhile
    this.seen = Math.max(seen ?? seq, newest?.seq ?? 0, ...news.map((scan) => scan.seq));
    for (const { kind, names, code } of news) if (names || code) this.acts[kind]?.(names || code);
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

// All that the scanner read of late, with the codes of vouchers and member cards, which no state tells. A box that
// started anew knows only the newest.
async function landed(role, newest) {
  for (const waitMs of LOOKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { scans } = await read(`/landed?scanner=${encodeURIComponent(role)}`);
    if (scans.some((scan) => scan.seq >= newest.seq)) return scans;
  }
  return [newest];
}
