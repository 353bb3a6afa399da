// Talking to the box: reading, acting exactly once, and noticing within three seconds when it does not answer.

import { whenLifted } from "./finger.js";
import { counted, explain, locale, localise, money, text } from "./i18n.js";

const API = "/api/v1";
const ANSWER_MS = 6000;
const POLL_MS = 2000;
const LOOK_MS = 100;
const OFFLINE_AFTER_MS = 2900;
const RETRY_MS = [400, 800, 1500, 2000, 2000, 3000, 3000];

const SLOW_MS = 2500; // before somebody is told that an answer takes long
const KEY_OF = "stallbox.act.";
const exponent = Number(document.body.dataset.exponent);

export class Refused extends Error {
  constructor(status, { code, message }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Unreachable extends Error {
  constructor() {
    super(text("try_again"));
  }
}

export { counted, explain, money, text };
export const byId = (id) => document.getElementById(id);
const TIME = { hourCycle: "h23", hour: "2-digit", minute: "2-digit" };
export const clock = (when, more = {}) => new Date(when).toLocaleTimeString(locale(), { ...TIME, ...more });
export const dated = (when, dateStyle = "short") => new Date(when).toLocaleString(locale(), { dateStyle, timeStyle: "short" });

// Forms that a script sends are inert until it is there: the browser would load the page anew and lose what was typed.
export function ready() {
  for (const form of document.querySelectorAll("form[inert]")) form.inert = false;
}

export function fill(templateId, texts) {
  const node = byId(templateId).content.firstElementChild.cloneNode(true);
  localise(node);
  for (const [name, words] of Object.entries(texts)) node.querySelector(`.${name}`).textContent = words;
  return node;
}

// Draw a list anew; whoever was on one of its buttons stays on it.
export function redraw(id, nodes) {
  const list = byId(id);
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  list.replaceChildren(...nodes);
  if (focused) focusKey(list, focused);
}

const focusKey = (list, key) => list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();

// A dialog that closes gives the focus back to the button that opened it; a list drawn anew meanwhile has another one.
let opener = null;
document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("dialog")) opener = target.dataset.key && { list: target.parentNode.closest("[id]"), key: target.dataset.key };
});
document.addEventListener("focusout", () => { if (!document.querySelector("dialog[open]")) opener = null; });
document.addEventListener("close", ({ target }) => {
  const lost = document.activeElement === document.body || target.contains(document.activeElement);
  if (opener && lost) focusKey(opener.list, opener.key);
}, true);

export const setIcon = (node, name) => node.querySelector("use").setAttribute("href", `#i-${name}`);

export function say(id, message) {
  byId(id).textContent = message;
  byId(id).hidden = !message;
}

// Minor units of what a person typed ("12", "12.5", "12,50"); null if it is no amount of this currency.
export function amount(text) {
  const match = /^(\d{1,7})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match || (match[2] ?? "").length > exponent) return null;
  return Number(match[1]) * 10 ** exponent + Number((match[2] ?? "").padEnd(exponent, "0") || 0);
}

// crypto.randomUUID needs https; random values do not.
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The clock of the box, by which sales windows open and close; a tablet's own may be wrong.
let boxAheadMs = Date.now() - performance.now();
export const boxNow = () => performance.now() + boxAheadMs;

// A page that anybody may open gets a new session by itself, and keeps what is on it.
let renewSession = null;
export const renewBy = (renew) => { renewSession = renew; };

// Acts whose answer takes long, and of which nobody else tells: the banner does.
const slowActs = new Set();

async function sendOnce(method, path, headers, body) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ANSWER_MS);
  try {
    const answer = await fetch(API + path, { method, headers, body, signal: limit.signal, cache: "no-store" });
    return { answer, value: answer.status === 304 ? null : await answer.json() };
  } finally {
    clearTimeout(timer);
    await whenLifted();
  }
}

async function send(...request) {
  let done = await sendOnce(...request);
  if (done.answer.status === 401 && renewSession) {
    await renewSession();
    done = await sendOnce(...request);
  }
  const boxTime = Date.parse(done.answer.headers.get("X-Stallbox-Time") ?? "");
  if (boxTime) boxAheadMs = boxTime - performance.now();
  return done;
}

// A cashier who lacks a right may borrow a supervisor's: null if nobody gives a PIN.
function supervisorPin(why) {
  const [dialog, pin] = [byId("supervisor"), byId("supervisor-pin")];
  if (!dialog) return null;
  byId("supervisor-why").textContent = why;
  pin.value = dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue ? pin.value.trim() : null), { once: true });
  });
}

// Send it; if a right is needed, once more with a supervisor's PIN.
async function approved(once, headers) {
  const done = await once(headers);
  if (done?.value?.error?.code !== "right_needed") return done;
  const pin = await supervisorPin(explain(done.value.error));
  if (!pin) return done;
  headers["X-Supervisor-Pin"] = String.fromCharCode(...new TextEncoder().encode(pin)); // also for tries after trouble
  return once(headers);
}

// Where nothing comes back, a sentence for people and not the browser's own word.
const unreachable = () => { throw new Unreachable(); };

export async function read(path) {
  const { answer, value } = await approved((headers) => send("GET", path, headers).catch(unreachable), {});
  if (!answer.ok) throw new Refused(answer.status, value.error);
  return value;
}

// Ask what depends on a body and changes nothing.
export async function ask(path, body) {
  const headers = { "Content-Type": "application/json", "X-Stallbox": "1" };
  const { answer, value } = await send("POST", path, headers, JSON.stringify(body)).catch(unreachable);
  if (!answer.ok) throw new Refused(answer.status, value.error);
  return value;
}

// One act: pressed again after trouble, it goes out with the same key, so it happens once. It tries again for half a
// minute, and for as long as `isWanted` says; `onSlow` is called once when the answer takes long, else the banner says so.
// An act with a name keeps its key when the page is loaded anew before it was answered.
export function act(name = "") {
  let [key, sent] = (name && JSON.parse(sessionStorage.getItem(KEY_OF + name))) || [null, ""];
  const keepKey = () => name && (key ? sessionStorage.setItem(KEY_OF + name, JSON.stringify([key, sent])) : sessionStorage.removeItem(KEY_OF + name));
  return async (path, body = {}, { isWanted = () => false, onSlow = null } = {}) => {
    const json = JSON.stringify(body);
    if (key === null || sent !== path + json) [key, sent] = [newKey(), path + json];
    keepKey();
    const headers = { "Content-Type": "application/json", "X-Stallbox": "1", "Idempotency-Key": key };
    const slow = setTimeout(onSlow ?? (() => slowActs.add(headers)), SLOW_MS);
    try {
      for (let turn = 0; turn <= RETRY_MS.length || isWanted(); turn += 1) {
        if (turn) await pause(RETRY_MS[Math.min(turn, RETRY_MS.length) - 1]);
        const done = await approved((more) => send("POST", path, more, json).catch(() => null), headers);
        const isLater = done?.answer.status === 503 && done.value.error.code !== "closing"; // that takes more than a moment
        if (done === null || isLater) continue;
        key = null;
        keepKey();
        if (!done.answer.ok) throw new Refused(done.answer.status, done.value.error);
        return done.value;
      }
    } finally {
      clearTimeout(slow);
      slowActs.delete(headers);
    }
    throw new Unreachable();
  };
}

// Poll the box's state for ever: `onState(state)` on each change; the banner says when it does not answer, or not an act.
export function watch(onState, offline = () => text("no_answer")) {
  let etag = "";
  let answeredAt = performance.now();
  let isAway = false;
  let refusal = ""; // why the box says nothing, in its own words

  async function poll() {
    if (!document.hidden) {
      try {
        const { answer, value } = await send("GET", "/state", etag ? { "If-None-Match": etag } : {});
        answeredAt = performance.now();
        if (answer.status === 401) return renew();
        if (answer.status === 200) {
          document.body.dataset.power = value.battery?.state ?? "";
          await onState(value);
          etag = answer.headers.get("ETag") ?? "";
        }
        [isAway, refusal] = [false, answer.status < 400 ? "" : explain(value.error)];
      } catch (error) {
        etag = ""; // what may have been missed is read anew
        if (error instanceof Refused) refusal = explain(error);
        else if (performance.now() - answeredAt > OFFLINE_AFTER_MS - POLL_MS) isAway = true;
      }
      tell();
    }
    setTimeout(poll, POLL_MS);
  }

  function renew() {
    if (performance.now() > 20000) location.reload();
    else banner(text("no_session"));
  }

  function tell() {
    const isAsked = byId("supervisor")?.open; // a person is asked, not the box
    const words = [isAway ? offline() : refusal, slowActs.size && !isAsked ? text("act_waits") : ""];
    whenLifted().then(() => banner(words.filter(Boolean).join(" "))); // it moves all that is below
  }

  setInterval(() => {
    if (document.hidden) return;
    if (performance.now() - answeredAt > OFFLINE_AFTER_MS) isAway = true;
    tell();
  }, LOOK_MS);
  document.addEventListener("visibilitychange", () => { answeredAt = performance.now(); });
  poll();
}

// It stands in the dialog that is open, if one is: all else is behind that and not read out.
function banner(words) {
  const [link, dialogs] = [byId("link"), document.querySelectorAll("dialog[open]")];
  const place = dialogs.length ? dialogs[dialogs.length - 1] : document.body;
  if (link.parentElement !== place) place.prepend(link);
  if (link.textContent !== words) say("link", words); // or it is read out anew
}
