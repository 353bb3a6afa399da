// The door: the newest verdict as one large card, the head count, and what staff may do about a refusal.

import { act, byId, fill, money, read, setIcon, text } from "./box.js";
import { showNames, watchNames } from "./names.js";
import { tally } from "./views.js";

const SHOWN = 6;
const LEVELS = { nearly_full: "low", full: "bad" };
const scan = act();
let onPayment = null; // takes an unpaid ticket to the till; null where there is none
let shownSeq = 0; // of the verdict that was asked for here
let isAsking = false; // no other verdict is shown meanwhile: it would be taken for this one's
let refused = null; // the scan that staff may pass over
let unpaid = null; // the ticket that can be paid on the spot: its code or id, offer and price

const clock = (text) => new Date(text).toLocaleTimeString([], { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function showVerdict(verdict, sent = null) {
  const card = byId("verdict");
  card.className = `verdict ${verdict.colour}`;
  card.querySelector(".word").textContent = [verdict.word, verdict.title].filter(Boolean).join(": ");
  card.querySelector(".about").textContent = [verdict.ticket_type, verdict.note].filter(Boolean).join(" · ");
  card.querySelector(".holder").textContent = verdict.holder ?? "";
  card.querySelector(".message").textContent = verdict.message;
  card.querySelector(".advice").textContent = verdict.advice ?? "";
  showGuest(card.querySelector(".guest"), verdict.guest);
  setIcon(card, verdict.icon);
  refused = verdict.can_override ? sent : null;
  byId("override").hidden = refused === null;
  unpaid = onPayment && verdict.due && sent ? { ...verdict.due, code: sent.sent.code ?? sent.sent.ticket } : null;
  byId("pay-ticket").hidden = unpaid === null;
  if (unpaid) byId("pay-ticket").textContent = `Take payment: ${money(unpaid.amount_minor)}`;
}

// The same in the guest's language: large enough to turn the screen around.
function showGuest(line, guest) {
  line.hidden = !guest;
  line.lang = guest?.language ?? "";
  line.textContent = guest ? `${guest.title}. ${guest.message}` : "";
}

function showVerdicts(verdicts) {
  if (verdicts.length && verdicts[0].seq !== shownSeq && !isAsking) showVerdict(verdicts[0]);
  const others = verdicts.slice(1, 1 + SHOWN);
  byId("no-verdicts").hidden = others.length > 0;
  byId("verdicts").replaceChildren(...others.map((verdict) => {
    const row = fill("verdict-row", { word: verdict.word, message: `${verdict.title}, ${verdict.source}` });
    row.className = verdict.colour;
    setIcon(row, verdict.icon);
    row.querySelector("time").textContent = clock(verdict.at);
    return row;
  }));
}

export async function showDoor() {
  const { newest, inside, capacity, level, search } = await read("/door");
  showVerdicts(newest);
  showNames(search);
  const figure = byId("inside");
  figure.textContent = capacity === null ? `${inside} inside` : `${inside} of ${capacity} inside`;
  figure.className = `figure ${LEVELS[level] ?? ""}`;
  tally("door", level === "full" ? inside : 0, "inside: full");
}

async function decide(sent, path = "/scan") {
  if (isAsking) return;
  isAsking = true;
  showVerdict({ colour: "none", icon: "door", word: text("one_moment"), message: "" });
  try {
    const verdict = await scan(path, { ...sent, source: "staff tablet" });
    shownSeq = verdict.seq;
    showVerdict(verdict, { sent, path });
    byId("why").value = "";
    if (byId("code").value === (sent.code ?? "")) byId("code").value = ""; // the next one may stand there already
  } catch (error) {
    showVerdict({ colour: "red", icon: "refuse", word: "Refuse", title: "no verdict", message: error.message });
  } finally {
    isAsking = false;
  }
  byId("code").focus();
}

function onScan(event) {
  event.preventDefault();
  return decide({ code: byId("code").value, direction: event.submitter?.value === "exit" ? "exit" : null });
}

function onOverride(event) {
  event.preventDefault();
  return decide({ ...refused.sent, direction: null, override: { reason: byId("why").value } }, refused.path);
}

function payTicket() {
  byId("pay-ticket").hidden = true;
  onPayment(unpaid);
}

export function startDoor(takePayment = null) {
  onPayment = takePayment;
  byId("scan").addEventListener("submit", onScan);
  byId("override").addEventListener("submit", onOverride);
  byId("pay-ticket").addEventListener("click", payTicket);
  watchNames((ticket) => decide({ ticket }, "/door/admit"));
}
