// The staff's page: what is to be paid, the door, quick sales, devices, paper and the shift.

import { act, amount, byId, fill, money, read, redraw, say, setIcon, watch } from "./box.js";
import { Cart, stockText } from "./cart.js";
import { openPayment } from "./pay.js";

const HEALTH = { ready: "Ready", degraded: "See to it", offline: "Offline", absent: "Not fitted" };
const PRINTS_SHOWN = 4;

const scan = act();
const open = act();
const settle = act();
const shift = act();
const cart = new Cart("lines", showCart);
let state = null;
let shown = "";
let shownSeq = 0; // of the verdict that was asked for here
let refused = null; // the scan that staff may pass over

const clock = (text) => new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

async function attempt(problemId, work) {
  say(problemId, "");
  try {
    await work();
    await refresh();
  } catch (error) {
    say(problemId, error.message);
  }
}

// Orders
function showOrders(orders) {
  byId("no-orders").hidden = orders.length > 0;
  redraw("orders", orders.map((order) => {
    const what = order.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ");
    const row = fill("order-row", { code: order.code, what, due: money(order.due_minor) });
    const pick = row.querySelector("button");
    pick.dataset.key = order.id;
    pick.addEventListener("click", () => openPayment(order));
    return row;
  }));
}

// Door
function showVerdict(verdict, sent = null) {
  const card = byId("verdict");
  card.className = `verdict ${verdict.colour}`;
  card.querySelector(".word").textContent = `${verdict.word}: ${verdict.title}`;
  card.querySelector(".about").textContent = [verdict.ticket_type, verdict.note].filter(Boolean).join(" · ");
  card.querySelector(".message").textContent = verdict.message;
  card.querySelector(".advice").textContent = verdict.advice ?? "";
  setIcon(card, verdict.icon);
  card.hidden = false;
  refused = verdict.can_override ? sent : null;
  byId("override").hidden = refused === null;
}

function showVerdicts(verdicts) {
  if (verdicts.length && verdicts[0].seq !== shownSeq) showVerdict(verdicts[0]);
  byId("verdicts").replaceChildren(...verdicts.slice(1, 5).map((verdict) => {
    const row = fill("verdict-row", { word: verdict.word, message: `${verdict.title}, ${verdict.source}` });
    row.className = verdict.colour;
    setIcon(row, verdict.icon);
    row.querySelector("time").textContent = clock(verdict.at);
    return row;
  }));
}

function showDoor({ inside, capacity, level }) {
  const chip = byId("inside");
  chip.textContent = capacity === null ? `${inside} inside` : `${inside} of ${capacity} inside`;
  chip.className = `chip ${{ nearly_full: "low", full: "bad" }[level] ?? ""}`;
}

async function decide(sent) {
  try {
    const verdict = await scan("/scan", { ...sent, source: "staff tablet" });
    shownSeq = verdict.seq;
    showVerdict(verdict, sent);
    for (const id of ["code", "why"]) byId(id).value = "";
  } catch (error) {
    showVerdict({ colour: "red", icon: "refuse", word: "Refuse", title: "no verdict", message: error.message });
  }
  byId("code").focus();
}

function onScan(event) {
  event.preventDefault();
  return decide({ code: byId("code").value, direction: event.submitter?.value === "exit" ? "exit" : null });
}

function onOverride(event) {
  event.preventDefault();
  return decide({ code: refused.code, override: { reason: byId("why").value } });
}

// Quick sale
function showTiles(offers) {
  cart.setOffers(offers);
  redraw("tiles", offers.map((offer) => {
    const tile = fill("tile", { name: offer.name, price: money(offer.price_minor), stock: stockText(offer) });
    tile.dataset.key = offer.id;
    tile.disabled = offer.stock === 0;
    tile.addEventListener("click", () => cart.add(offer.id));
    return tile;
  }));
}

function showCart() {
  byId("charge-row").hidden = cart.count === 0;
  byId("charge").textContent = `Charge ${money(cart.subtotal)}`;
}

function charge() {
  return attempt("sale-problem", async () => {
    const codes = { voucher: byId("voucher").value.trim() || null, member: byId("member").value.trim() || null };
    openPayment(await open("/orders", { lines: cart.lines, ...codes }));
    clearSale();
  });
}

function clearSale() {
  for (const id of ["voucher", "member"]) byId(id).value = "";
  say("sale-problem", "");
  cart.clear();
}

// Devices and battery
function showDevices(devices) {
  byId("devices").replaceChildren(...Object.entries(devices).map(([name, device]) => {
    const message = [device.reason, device.advice].filter(Boolean).join(" ");
    const row = fill("device-row", { name, word: HEALTH[device.state], message });
    row.className = device.state;
    setIcon(row, device.state);
    return row;
  }));
}

function showBattery({ charge_pct: charge, charging, present, state: power }) {
  const chip = byId("battery");
  chip.hidden = present === false || charge === undefined || charge === null;
  chip.textContent = `Battery ${Math.round(charge)} %${charging ? ", charging" : ""}`;
  chip.className = `chip ${power === "low" || power === "critical" ? "low" : ""}`;
}

// Paper
function showPrints(prints) {
  const unsure = prints.filter((job) => job.status === "unsure");
  const others = prints.filter((job) => job.status !== "unsure").slice(0, PRINTS_SHOWN);
  byId("no-prints").hidden = prints.length > 0;
  redraw("prints", [...unsure, ...others].map((job) => {
    const row = fill("print-row", { name: job.subject, word: job.status, message: job.reason });
    row.querySelector(".acts").append(...printButtons(job));
    return row;
  }));
}

function printButtons(job) {
  const path = `/prints/${job.id}`;
  if (job.status === "unsure") {
    const word = (onPaper) => attempt("print-problem", () => settle(`${path}/settle`, { on_paper: onPaper }));
    return [button("It is on paper", () => word(true), `paper ${job.id}`), button("Print again", () => word(false), `again ${job.id}`)];
  }
  if (job.status !== "printed") return [];
  return [button("Copy", () => attempt("print-problem", () => settle(`${path}/reprint`)), `copy ${job.id}`)];
}

function button(text, onClick, key) {
  const node = document.createElement("button");
  node.dataset.key = key;
  node.className = "quiet";
  node.textContent = text;
  node.addEventListener("click", async () => {
    node.disabled = true;
    await onClick();
    node.disabled = false;
  });
  return node;
}

// Shift
function showShift(current) {
  const opened = current ? `Open since ${clock(current.opened_at)}, float ${money(current.float_minor)}.` : "The till is closed.";
  byId("shift-state").textContent = opened;
  byId("shift-label").textContent = current ? "Counted in the drawer" : "Float in the drawer";
  byId("shift-button").textContent = current ? "Close shift" : "Open shift";
  byId("x-report").hidden = !current;
}

function showReport(report) {
  const figures = [
    ["Sales", report.sales.sales], ["Takings", money(report.sales.takings_minor)], ["Expected in drawer", money(report.expected_minor)],
    ...(report.counted_minor === null ? [] : [["Counted", money(report.counted_minor)], ["Difference", money(report.difference_minor)]]),
  ];
  byId("report").replaceChildren(...figures.flatMap(([name, figure]) => {
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, value.textContent] = [name, figure];
    return [term, value];
  }));
}

function onShift(event) {
  event.preventDefault();
  const minor = amount(byId("shift-amount").value);
  if (minor === null) return say("shift-problem", "Type an amount, such as 50 or 48.50.");
  return attempt("shift-problem", async () => {
    if (state.shift) showReport(await shift("/shifts/current/close", { counted_minor: minor }));
    else await shift("/shifts", { float_minor: minor });
    byId("shift-amount").value = "";
  });
}

// All of it, whenever the box says that something changed
async function refresh() {
  const [orders, door, prints, offers] = await Promise.all(["/orders?status=open", "/door", "/prints", "/offers"].map(read));
  showOrders(orders.orders);
  showVerdicts(door.newest);
  showDoor(door);
  showPrints(prints.prints);
  showTiles(offers.offers);
}

async function onState(now) {
  state = now;
  byId("takings").textContent = `${now.counts.sales} sales · ${money(now.counts.takings_minor)}`;
  byId("window").textContent = now.window ? ` · ${now.window.name}, ${now.window.state === "open" ? "open now" : "next"}` : "";
  showBattery(now.battery);
  showDevices(now.devices);
  showShift(now.shift);
  const books = `${now.seq} ${JSON.stringify(now.counts)}`;
  if (books === shown) return;
  await refresh();
  shown = books;
}

byId("scan").addEventListener("submit", onScan);
byId("override").addEventListener("submit", onOverride);
byId("charge").addEventListener("click", charge);
byId("clear").addEventListener("click", clearSale);
byId("shift-form").addEventListener("submit", onShift);
byId("x-report").addEventListener("click", () => attempt("shift-problem", async () => showReport(await read("/shifts/report"))));
watch(onState);
