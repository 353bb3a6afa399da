// The tablets that belong to the stall: accept a new one by the code that it shows, or send one away.

import { act, byId, counted, dated, explain, fill, read, redraw, say, text } from "./box.js";
import { part } from "./parts.js";
import { isShown, onView } from "./views.js";

const change = act();
let asked = null; // the id of the tablet whose button was pressed once
const { look, show, attempt } = part(refresh, { problem: "tablets-problem", isWanted: () => isShown("devices") });
export const showTablets = show;

async function refresh() {
  const { tablets, scanners, waiting } = await read("/tablets");
  byId("pair-waiting").textContent = waiting ? counted("tablets_wait", waiting) : "";
  const choice = byId("pair-scanner");
  if (choice.options.length !== scanners.length + 1) {
    choice.replaceChildren(new Option(text("no_scanner"), ""), ...scanners.map((name) => new Option(text("the_scanner", { name }), name)));
  }
  redraw("tablets", tablets.map(tabletRow));
}

function tabletRow({ id, name, role, scanner, paired_at: at, here }) {
  const word = [here && text("this_tablet"), text(`role_${role}`), scanner && text("scanner_of", { name: scanner })].filter(Boolean).join(", ");
  const row = fill("tablet-row", { name, word, message: text("since", { time: dated(at) }) });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: text(id === asked ? "really" : "send_away") });
  button.dataset.key = id;
  button.setAttribute("aria-label", text("send_name_away", { name }));
  // The first press asks, the second does it; the list may be drawn anew between them.
  button.addEventListener("click", () => {
    if (id === asked) return attempt(() => change(`/tablets/${id}/revoke`), button);
    asked = id;
    return look().catch((error) => say("tablets-problem", explain(error)));
  });
  row.querySelector(".acts").append(button);
  return row;
}

function onPair(event) {
  event.preventDefault();
  const value = (id) => byId(id).value.trim();
  attempt(async () => {
    await change("/tablets", { code: value("pair-code"), name: value("pair-name"), role: value("pair-role"), scanner: value("pair-scanner") || null });
    event.target.reset();
  }, event.submitter);
}

export function startTablets() {
  onView("devices", () => look().catch(() => {})); // without an answer, the banner says so
  byId("pair").addEventListener("submit", onPair);
}
