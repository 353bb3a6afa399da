// The shift: float, cash in and out, the count by coins and notes, what it comes to, and the end.

import { act, amount, byId, clock, explain, fill, money, read, say, text } from "./box.js";

const open = act();
const move = act();
const tell = act();
const close = act();
const print = act();
const dialog = byId("count");
let faces = []; // coins and notes, largest first

export function showShift(current) {
  byId("shift-state").textContent = standing(current);
  byId("shift-form").hidden = Boolean(current);
  byId("cash-form").hidden = byId("shift-acts").hidden = !current;
}

function standing(current) {
  if (!current) return text("shift_closed");
  const facts = { number: current.id, time: clock(current.opened_at) };
  // The float is not for everybody's eyes.
  if (current.float_minor === undefined) return text("shift_open", facts);
  return text("shift_open_float", { ...facts, amount: money(current.float_minor) });
}

async function attempt(problemId, work) {
  say(problemId, "");
  try {
    await work();
  } catch (error) {
    say(problemId, explain(error));
  }
}

function onOpen(event) {
  event.preventDefault();
  const float = amount(byId("shift-amount").value);
  if (float === null) return say("shift-problem", text("type_amount"));
  return attempt("shift-problem", async () => {
    showShift(await open("/shifts", { float_minor: float }));
    byId("shift-amount").value = "";
    byId("report").replaceChildren();
  });
}

function onCash(event) {
  event.preventDefault();
  const [way, reason] = [event.submitter.value, byId("cash-reason").value.trim()];
  const minor = amount(byId("cash-amount").value);
  if (way !== "open" && !minor) return say("shift-problem", text("type_amount"));
  return attempt("shift-problem", async () => {
    if (way === "open") await move("/drawer", { reason });
    else await move("/shifts/current/cash", { direction: way, amount_minor: minor, reason });
    event.target.reset();
  });
}

// Counting: nothing here knows what should be in the drawer until the count was given.
async function startCount() {
  faces = (await read("/denominations")).denominations_minor;
  byId("pieces").replaceChildren(...faces.map(pieceRow));
  preview(null);
  if (!dialog.open) dialog.showModal();
}

function pieceRow(face) {
  const row = fill("piece-row", { face: money(face), worth: "" });
  const field = row.querySelector(".quantity");
  field.setAttribute("aria-label", text("how_many_of", { face: money(face) }));
  for (const [kind, by, word] of [["less", -1, "one_less_of"], ["more", 1, "one_more_of"]]) {
    const button = row.querySelector(`.${kind}`);
    button.setAttribute("aria-label", text(word, { face: money(face) }));
    button.addEventListener("click", () => { field.value = Math.max(0, pieces(field) + by); sum(); });
  }
  field.addEventListener("focus", () => field.select());
  field.addEventListener("input", sum);
  return row;
}

const pieces = (field) => (/^\d+$/.test(field.value.trim()) ? Number(field.value) : 0);
const fields = () => [...byId("pieces").querySelectorAll(".quantity")];

function sum() {
  const worths = fields().map((field, index) => pieces(field) * faces[index]);
  byId("pieces").querySelectorAll(".worth").forEach((node, index) => { node.textContent = worths[index] ? money(worths[index]) : ""; });
  byId("counted").textContent = money(worths.reduce((total, worth) => total + worth, 0));
}

function giveCount() {
  const count = fields().map((field, index) => ({ denomination_minor: faces[index], quantity: pieces(field) }));
  return attempt("count-problem", async () => preview(await tell("/shifts/current/count", { count: count.filter((line) => line.quantity) })));
}

function preview(report) {
  say("count-problem", "");
  byId("z-preview").hidden = report === null;
  byId("pieces").hidden = byId("count-done").hidden = report !== null;
  if (report === null) return sum();
  showFigures("preview", report);
  return byId("close-shift").focus();
}

function endShift() {
  return attempt("count-problem", async () => {
    const z = await close("/shifts/current/close");
    dialog.close();
    showShift(null);
    showFigures("report", z);
  });
}

function showFigures(id, report) {
  const title = text(report.kind === "Z" ? "report_z" : "report_shift", { number: report.shift });
  const figures = [
    [title, report.event], [text("sales"), report.sales.sales], [text("takings"), money(report.sales.takings_minor)],
    ...Object.entries(report.tenders).map(([tender, minor]) => [text("of_that", { tender: text(`tender_${tender}`) }), money(minor)]),
    ...(report.rounding_minor ? [[text("of_rounding"), money(report.rounding_minor)]] : []),
    [text("refunds"), money(-report.sales.refunds_minor)], [text("cash_put_in"), money(report.cash.in_minor)],
    [text("cash_taken_out"), money(-report.cash.out_minor)],
    [text("expected"), money(report.expected_minor)],
    ...(report.counted_minor === null ? [] : [[text("counted_title"), money(report.counted_minor)], [text("difference"), money(report.difference_minor)]]),
  ];
  byId(id).replaceChildren(...figures.flatMap(([name, figure]) => {
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, value.textContent] = [name, figure];
    return [term, value];
  }));
}

byId("shift-form").addEventListener("submit", onOpen);
byId("cash-form").addEventListener("submit", onCash);
byId("count-open").addEventListener("click", () => attempt("shift-problem", startCount));
byId("count-done").addEventListener("click", giveCount);
byId("count-again").addEventListener("click", startCount);
byId("close-shift").addEventListener("click", endShift);
byId("x-report").addEventListener("click", () => attempt("shift-problem", async () => showFigures("report", await read("/shifts/report"))));
byId("x-print").addEventListener("click", () => attempt("shift-problem", () => print("/shifts/report/print")));
