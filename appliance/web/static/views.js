// One view at a time, named by the address' #hash: links, the back button and bookmarks work as on any page.

import { byId } from "./box.js";

const KEPT = "stallbox.view";
const views = [...document.querySelectorAll(".view")];
const names = views.map((view) => view.id.slice("view-".length));
const listeners = [];
let shown = "";

export const onView = (name, listener) => listeners.push({ name, listener });
export const isShown = (name) => shown === name;

// How much waits in a view, as a figure on its tab and in words for those who cannot see it.
export function tally(name, count, what) {
  const badge = byId(`tab-${name}`)?.querySelector(".tally");
  if (!badge) return;
  badge.hidden = count === 0;
  badge.replaceChildren(String(count), Object.assign(document.createElement("span"), { className: "sr-only", textContent: ` ${what}` }));
}

function show(name, isAsked) {
  if (name === shown) return;
  shown = name;
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  for (const view of views) view.hidden = view.id !== `view-${name}`;
  for (const tab of document.querySelectorAll(".tabs a")) {
    if (tab.hash === `#${name}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  sessionStorage.setItem(KEPT, name);
  if (isAsked) {
    window.scrollTo(0, 0);
    byId(`head-${name}`).focus({ preventScroll: true });
  }
  for (const one of listeners) if (one.name === name) one.listener();
}

const wanted = () => names.find((name) => `#${name}` === location.hash);

export function startViews(first) {
  const kept = names.find((name) => name === sessionStorage.getItem(KEPT));
  const begun = wanted() ?? kept ?? (names.includes(first) ? first : names[0]);
  // Back to an address without a view is back to the first one.
  window.addEventListener("hashchange", () => show(wanted() ?? (location.hash ? shown : begun), true));
  show(begun, false);
}
