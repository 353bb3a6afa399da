// What the box says a cart costs: asked anew on every change and until it answers, and only the newest answer counts.

import { Unreachable, ask, fill, money, text } from "./box.js";

const AGAIN_MS = 2000;

export function livePrice(body, show, fail) {
  let turn = 0;

  async function look(mine, isFirst) {
    try {
      const priced = await ask("/carts/price", body());
      if (mine === turn) show(priced);
    } catch (error) {
      if (mine !== turn) return;
      if (isFirst || !(error instanceof Unreachable)) fail(error); // said once
      if (error instanceof Unreachable) setTimeout(() => mine === turn && look(mine, false), AGAIN_MS);
    }
  }

  return () => look(++turn, true);
}

const OWN_STEPS = { member: "member_price", voucher: "voucher_off" }; // others bear the event's own names

// The steps from a line's price to what it costs, such as "Member price -$3.00".
export function steps(line) {
  return (line?.adjustments ?? []).map((step) => {
    const node = document.createElement("span");
    node.className = "step-off";
    node.textContent = `${OWN_STEPS[step.kind] ? text(OWN_STEPS[step.kind]) : step.what} ${money(step.amount_minor)}`;
    return node;
  });
}

// One thing to add with one tap; "no" is a no until the next customer.
export function suggestionCard(suggestion, onYes, onNo) {
  const saves = suggestion.saves_minor > 0;
  const why = saves ? text("join_saves", { amount: money(suggestion.saves_minor) }) : suggestion.text;
  const card = fill("suggestion", { name: suggestion.name, price: money(suggestion.price_minor), text: why });
  card.classList.toggle("saves", saves);
  const [yes, no] = card.querySelectorAll("button");
  yes.textContent = text(suggestion.kind === "membership" ? "join" : "add_it");
  yes.setAttribute("aria-label", `${yes.textContent}: ${suggestion.name}`);
  yes.dataset.key = `yes ${suggestion.offer}`;
  yes.addEventListener("click", () => onYes(suggestion.offer));
  no.setAttribute("aria-label", `${text("no_thanks")}: ${suggestion.name}`);
  no.dataset.key = `no ${suggestion.offer}`;
  no.addEventListener("click", () => onNo(suggestion.offer));
  return card;
}

// A price with the one that it replaces struck through.
export function showPrice(node, offer, isMember) {
  const now = isMember && offer.member_price_minor !== null ? Math.min(offer.price_minor, offer.member_price_minor) : offer.price_minor;
  node.querySelector(".price").textContent = money(now);
  const was = node.querySelector(".was");
  was.hidden = now >= offer.list_price_minor;
  was.querySelector("s").textContent = money(offer.list_price_minor);
  const forMembers = !isMember && offer.member_price_minor !== null && offer.member_price_minor < now;
  const why = [offer.price_name, forMembers ? text("members_pay", { price: money(offer.member_price_minor) }) : ""];
  node.querySelector(".why").textContent = why.filter(Boolean).join(" · ");
}
