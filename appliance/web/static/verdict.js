// A verdict in the language of the page. In English the box's own words are shown: they say more than one text for each
// title can.

import { clock, text } from "./box.js";
import { hasText, isEnglish } from "./i18n.js";

const NEVER_DUE = "Take no money"; // what the box says of an unpaid ticket that would not be let in anyway

const keyOf = ({ kind, title }) => (kind === "order" ? "verdict_order" : `verdict_${title.toLowerCase().replace(/ /g, "_")}`);

// `Order 1F00B` and `Receipt 12` name what was found; products have the name that the event gave them.
function titleOf(key, { kind, title }) {
  const [what, code] = title.split(" ");
  if (kind === "order") return what === "Order" ? text("order_code", { code }) : text("receipt", { number: code });
  return hasText(key) ? text(key) : title;
}

// `decided` is what the box says of a scan; the words of its card come back in the language of the page.
export function said(decided) {
  if (isEnglish() || !decided.kind) return decided; // one that the page made itself is in its language
  const key = keyOf(decided);
  const facts = {
    type: decided.ticket_type,
    time: decided.first_used_at ? clock(decided.first_used_at) : "–",
    inside: decided.inside,
    capacity: decided.capacity,
  };
  return {
    ...decided,
    word: text(`word_${decided.icon}`),
    title: titleOf(key, decided),
    message: message(key, decided, facts),
    advice: advice(key, decided, facts),
  };
}

function message(key, decided, facts) {
  if (decided.overridden) return text("verdict_overridden");
  return hasText(`${key}_said`) ? text(`${key}_said`, facts) : decided.message;
}

function advice(key, { advice: own, title }, facts) {
  if (!own || own.startsWith(NEVER_DUE)) return "";
  if (title === "Welcome") return text("verdict_nearly_full", facts);
  return hasText(`${key}_do`) ? text(`${key}_do`) : "";
}
