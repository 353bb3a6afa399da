// The owner's page: lists of tickets are checked, taken in and taken away.

import { byId, counted, explain, fill, read, ready, say, text } from "./box.js";

const LISTS = "/api/v1/tickets/lists/";
let total = 0; // tickets of the list that was checked
const HEADERS = { "X-Stallbox": "1", "Content-Type": "application/octet-stream" };

async function showLists() {
  const { lists } = await read("/tickets/lists");
  byId("no-lists").hidden = lists.length > 0;
  byId("lists").replaceChildren(...lists.map(({ name, tickets }) => {
    const row = fill("list-row", { name: name || text("made_here"), count: counted("tickets_count", tickets) });
    row.dataset.tickets = tickets;
    if (name) row.querySelector(".acts").append(removal(name));
    return row;
  }));
}

// The first press asks, the second does it: hundreds of tickets hang on it.
function removal(name) {
  const button = document.createElement("button");
  button.className = "quiet";
  button.textContent = text("take_away");
  let isAsked = false;
  button.addEventListener("click", () => {
    if (isAsked) return work(() => ask("DELETE", name));
    isAsked = true;
    button.textContent = text("really_take_away");
    return undefined;
  });
  return button;
}

// XMLHttpRequest and not fetch: only it tells how much of a file is sent.
function send(method, path, body, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    for (const [name, value] of Object.entries(HEADERS)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded, total);
    request.onload = () => (request.response ? resolve(request.response) : reject(new TypeError("no answer")));
    request.onerror = () => reject(new TypeError("no connection"));
    request.send(body);
  });
}

// How far it is, in words and as a bar; without a number the bar only moves.
function showProgress(words, share = null) {
  byId("list-progress").hidden = !words;
  byId("progress-says").textContent = words;
  if (share === null) byId("progress-bar").removeAttribute("value");
  else byId("progress-bar").value = share;
}

// While the box takes a list in, its tickets become more.
function watchTaken(name, before) {
  const look = async () => {
    const { lists } = await read("/tickets/lists").catch(() => ({ lists: [] }));
    const taken = (lists.find((list) => list.name === name)?.tickets ?? 0) - before;
    if (taken > 0 && total && timer) showProgress(text("tickets_in", { count: taken, total }), taken / total);
  };
  let timer = setInterval(look, 1000);
  return () => { clearInterval(timer); timer = null; };
}

async function ask(method, name, query = "", body = undefined) {
  const count = [...byId("lists").children].find((row) => row.querySelector(".name").textContent === name)?.dataset.tickets;
  const stop = body && !query ? watchTaken(name, Number(count ?? 0)) : () => {};
  showProgress(text(body ? "sending" : "taking_away"));
  const onSent = (sent, all) => (sent < all ? showProgress(text("sending"), sent / all) : showProgress(text("reading")));
  const { lines = [], error } = await send(method, LISTS + encodeURIComponent(name) + query, body, onSent).finally(() => {
    stop();
    showProgress("");
  });
  total = Number(/: (\d+) tickets, all in order/.exec(lines.at(-1))?.[1] ?? 0);
  byId("told").textContent = lines.join("\n");
  byId("told").hidden = lines.length === 0;
  if (error) throw new Error(explain(error));
}

async function work(act) {
  const buttons = [...document.querySelectorAll("#upload button, #take, #lists button")];
  for (const button of buttons) button.disabled = true;
  say("list-problem", "");
  try {
    await act();
  } catch (error) {
    say("list-problem", error instanceof TypeError ? text("try_once_more") : explain(error));
  }
  for (const button of buttons) button.disabled = false;
  await showLists().catch((error) => say("list-problem", explain(error)));
}

const chosen = () => byId("file").files[0];

byId("file").addEventListener("change", () => { byId("take").hidden = true; byId("told").hidden = true; });
byId("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("take").hidden = true;
  work(async () => {
    await ask("PUT", chosen().name, "?dry_run=1", chosen());
    byId("take").hidden = false;
  });
});
byId("take").addEventListener("click", () => work(async () => {
  await ask("PUT", chosen().name, "", chosen());
  byId("take").hidden = true;
}));
showLists().catch((error) => say("list-problem", explain(error)));
ready();
