// The owner's page: lists of tickets are checked, taken in and taken away.

import { byId, fill, read, ready, say } from "./box.js";

const LISTS = "/api/v1/tickets/lists/";
const HEADERS = { "X-Stallbox": "1", "Content-Type": "application/octet-stream" };

async function showLists() {
  const { lists } = await read("/tickets/lists");
  byId("no-lists").hidden = lists.length > 0;
  byId("lists").replaceChildren(...lists.map(({ name, tickets }) => {
    const row = fill("list-row", { name: name || "Made here", count: `${tickets} ticket${tickets === 1 ? "" : "s"}` });
    if (name) row.querySelector(".acts").append(removal(name));
    return row;
  }));
}

// The first press asks, the second does it: hundreds of tickets hang on it.
function removal(name) {
  const button = document.createElement("button");
  button.className = "quiet";
  button.textContent = "Take away";
  button.addEventListener("click", () => {
    if (button.textContent === "Take away") button.textContent = "Really take it away";
    else work(() => ask("DELETE", name));
  });
  return button;
}

async function ask(method, name, query = "", body = undefined) {
  const answer = await fetch(LISTS + encodeURIComponent(name) + query, { method, headers: HEADERS, body });
  const { lines = [], error } = await answer.json();
  byId("told").textContent = lines.join("\n");
  byId("told").hidden = lines.length === 0;
  if (error) throw new Error(error.message);
}

async function work(act) {
  const buttons = [...document.querySelectorAll("#upload button, #take, #lists button")];
  for (const button of buttons) button.disabled = true;
  say("list-problem", "");
  try {
    await act();
  } catch (error) {
    say("list-problem", error instanceof TypeError ? "The box does not answer. Nothing is lost: please try again." : error.message);
  }
  for (const button of buttons) button.disabled = false;
  await showLists().catch((error) => say("list-problem", error.message));
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
showLists().catch((error) => say("list-problem", error.message));
ready();
