// The line to the box: asks, sends, and says so when nobody answers.
const API = "/bench/api/";
const LIMIT_MS = 12000; // a held button answers when it is let go
const POLL_LIMIT_MS = 3000;

const off = document.getElementById("off");
const table = document.getElementById("table");
const problem = document.getElementById("problem");
const seen = new Map(); // address -> ETag of what is shown
let focused = null;

/** Whether the box is away right now. */
export function isOff() {
  return !off.hidden;
}

/** Shows that the box is off, or that it is back; all it shows is then asked for afresh. */
export function setOff(away) {
  if (away === isOff()) return;
  if (away) focused = document.activeElement;
  off.hidden = !away;
  table.inert = away;
  document.body.classList.toggle("off", away);
  if (away) seen.clear();
  else focused?.focus?.({ preventScroll: true });
}

/** Asks for one thing and shows it, if it is not what is shown already. */
export async function look(address, show) {
  let response;
  try {
    response = await fetch(API + address, { signal: AbortSignal.timeout(POLL_LIMIT_MS) });
  } catch {
    setOff(true);
    return;
  }
  if (!response.ok) return;
  const value = await response.json().catch(() => null); // cut off in the middle: the next round asks again
  if (value === null) return;
  setOff(false);
  const tag = response.headers.get("ETag");
  if (seen.get(address) === tag) return;
  seen.set(address, tag);
  show(value);
}

/** Sends what a hand does. Returns the answer, or null after saying what went wrong. */
export async function send(address, body) {
  try {
    const response = await fetch(API + address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const answer = await response.json();
    say(response.ok ? "" : answer.error.message);
    return response.ok ? answer : null;
  } catch {
    setOff(true);
    return null;
  }
}

/** Says one sentence about the last act; an empty one takes it back. */
export function say(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
}
