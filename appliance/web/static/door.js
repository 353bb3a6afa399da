// The door: the newest verdict as one large card, the head count, and what staff may do about a refusal.

import { act, byId, clock, explain, fill, money, read, setIcon, text } from "./box.js";
import { askNames, watchNames } from "./names.js";
import { said } from "./verdict.js";
import { tally } from "./views.js";

const SHOWN = 6;
const LEVELS = { nearly_full: "low", full: "bad" };
const scan = act();
let onPayment = null; // takes an unpaid ticket to the till; null where there is none
let shownSeq = 0; // of the verdict on the card: an answer that comes late brings older ones
let isAsking = false; // no other verdict is shown meanwhile: it would be taken for this one's
let refused = null; // the scan that staff may pass over
let unpaid = null; // the ticket that can be paid on the spot: its code or id, offer and price

const SECONDS = { second: "2-digit" };

function showVerdict(decided, sent = null) {
  const [card, verdict] = [byId("verdict"), said(decided)];
  card.className = `verdict ${verdict.colour}`;
  card.querySelector(".word").textContent = verdict.title ? text("verdict_line", verdict) : verdict.word;
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
  if (unpaid) byId("pay-ticket").textContent = text("take_payment", { amount: money(unpaid.amount_minor) });
}

// The same in the guest's language: large enough to turn the screen around.
function showGuest(line, guest) {
  line.hidden = !guest;
  line.lang = guest?.language ?? "";
  line.textContent = guest ? `${guest.title}. ${guest.message}` : "";
}

// Whoever types why somebody comes in keeps that card; what is scanned meanwhile is in the list.
const isOverriding = () => byId("override").contains(document.activeElement);

function showVerdicts(verdicts) {
  if (verdicts.length && verdicts[0].seq > shownSeq && !isAsking && !isOverriding()) {
    shownSeq = verdicts[0].seq;
    showVerdict(verdicts[0]);
  }
  const others = verdicts.filter(({ seq }) => seq !== shownSeq).slice(0, SHOWN);
  byId("no-verdicts").hidden = others.length > 0;
  byId("verdicts").replaceChildren(...others.map(said).map((verdict) => {
    const row = fill("verdict-row", { word: verdict.word, message: text("scan_by", verdict) });
    row.className = verdict.colour;
    setIcon(row, verdict.icon);
    row.querySelector("time").textContent = clock(verdict.at, SECONDS);
    return row;
  }));
}

export async function showDoor() {
  const showNames = askNames();
  const { newest, inside, capacity, level, search } = await read("/door");
  showVerdicts(newest);
  showNames(search);
  const figure = byId("inside");
  figure.textContent = text(capacity === null ? "inside" : "inside_of", { count: inside, capacity });
  figure.className = `figure ${LEVELS[level] ?? ""}`;
  tally("door", level === "full" ? inside : 0, text("tally_door"));
}

async function decide(sent, path = "/scan") {
  if (isAsking) return;
  isAsking = true;
  showVerdict({ colour: "none", icon: "door", word: text("one_moment"), message: "" });
  try {
    const verdict = await scan(path, { ...sent, source: "staff tablet" });
    shownSeq = Math.max(shownSeq, verdict.seq);
    showVerdict(verdict, { sent, path });
    byId("why").value = "";
    if (byId("code").value === (sent.code ?? "")) byId("code").value = ""; // the next one may stand there already
  } catch (error) {
    const none = { colour: "red", icon: "refuse", word: text("word_refuse"), title: text("verdict_no_verdict"), message: explain(error) };
    showVerdict({ ...none, can_override: Boolean(sent.override) }, { sent, path });
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
