// What happened, in plain words, newest first; drawn only while somebody looks.

import { byId, clock, explain, fill, read, say } from "./box.js";
import { language, locale } from "./i18n.js";
import { part } from "./parts.js";
import { isShown, onView } from "./views.js";

const PAGE = 30;
let before = null; // seq of the oldest entry that is shown, once somebody asked for older ones
let day = "";
let turn = 0; // of what was asked for last: an earlier answer that comes late is dropped

const group = () => document.querySelector("#journal-filter input:checked").value;
const dayOf = (text) => new Date(text).toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });

function row(entry) {
  const node = fill("journal-row", { said: entry.words, by: entry.by ?? "" });
  const time = node.querySelector("time");
  [time.textContent, time.dateTime] = [clock(entry.at), entry.at];
  node.querySelector(".by").hidden = !entry.by;
  node.classList.toggle("weighty", entry.weighty);
  return node;
}

// Entries with a line for each day at its top.
function rows(entries) {
  return entries.flatMap((entry) => {
    const head = dayOf(entry.at);
    if (head === day) return [row(entry)];
    day = head;
    return [Object.assign(document.createElement("li"), { className: "day", textContent: head }), row(entry)];
  });
}

async function load(older) {
  const asked = new URLSearchParams({ limit: PAGE, language: language(), ...(group() && { group: group() }), ...(older && { before: older }) });
  const mine = (turn += 1);
  const { entries } = await read(`/journal?${asked}`);
  if (mine !== turn) return;
  say("journal-problem", "");
  if (!older) { byId("journal-list").replaceChildren(); day = ""; }
  byId("journal-list").append(...rows(entries));
  byId("journal-none").hidden = byId("journal-list").children.length > 0;
  byId("journal-older").hidden = entries.length < PAGE;
  before = older ? entries.at(-1)?.seq ?? before : null;
  byId("journal-older").dataset.before = entries.at(-1)?.seq ?? "";
}

// What somebody asked for, who is told why it does not come.
const attempt = (older) => load(older).catch((error) => say("journal-problem", explain(error)));

// Takes the state of the box. Whoever reads older entries is not thrown back to the newest.
export const { show: showJournal } = part(() => load(), { isWanted: () => isShown("journal") && before === null });

export function startJournal() {
  onView("journal", () => attempt());
  byId("journal-filter").addEventListener("change", () => attempt());
  byId("journal-newest").addEventListener("click", () => attempt());
  byId("journal-older").addEventListener("click", () => attempt(byId("journal-older").dataset.before));
}
