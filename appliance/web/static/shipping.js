// How restock is sent, and to whom: asked once, just before the order is placed. Nothing of it stays on the screen.

import { byId, explain, fill, money, read, say, text } from "./box.js";
import { named } from "./i18n.js";
import { livePrice } from "./pricing.js";

const FIELDS = ["name", "phone", "address"];
let tiers = [];
let order = null; // what is being ordered: body() gives it, send(shipping) places it

const dialog = byId("shipping");
const chosen = () => tiers.find((tier) => tier.id === byId("shipping-form").elements.tier?.value);
const price = livePrice(
  () => ({ ...order.body(), ...(chosen() ? { shipping: { tier: chosen().id } } : {}) }),
  (priced) => { byId("shipping-total").textContent = money(priced.total_minor); },
  (error) => say("shipping-problem", explain(error)),
);

// Places an order at once, or after it was said how what is not on the shelf shall come.
export async function withShipping(cart, body, send) {
  const later = cart.lines.map(({ offer }) => cart.offers.get(offer)).filter((offer) => offer.restockOf);
  if (!later.length) return send({});
  order = { body, send };
  ({ tiers } = await read("/shipping"));
  byId("shipping-what").textContent = text("shipping_what", { names: later.map(({ name, names }) => named(name, names)).join(", ") });
  byId("shipping-tiers").replaceChildren(...tiers.map(tierRow));
  say("shipping-problem", "");
  showChoice();
  dialog.showModal();
}

function tierRow(tier) {
  const left = tier.places_left === 0 ? text("no_place") : tier.places_left <= 3 && tier.way === "pickup" ? text("stock_left", { count: tier.places_left }) : "";
  const when = [tier.when, tier.place, left].filter(Boolean).join(" · ");
  const row = fill("shipping-tier", { name: tier.name, when, price: tier.price_minor ? money(tier.price_minor) : text("free") });
  const radio = row.querySelector("input");
  radio.value = tier.id;
  radio.disabled = tier.places_left === 0;
  radio.addEventListener("change", showChoice);
  return row;
}

function showChoice() {
  const isPickup = chosen()?.way === "pickup";
  byId("shipping-where").hidden = isPickup;
  byId("shipping-address").required = !isPickup;
  price();
}

async function onSend(event) {
  event.preventDefault();
  const shipping = { tier: chosen().id };
  for (const field of FIELDS) shipping[field] = byId(`shipping-${field}`).value.trim();
  if (chosen().way === "pickup") shipping.address = "";
  byId("shipping-send").disabled = true;
  say("shipping-problem", "");
  try {
    await order.send({ shipping });
    dialog.close();
  } catch (error) {
    say("shipping-problem", explain(error));
  } finally {
    byId("shipping-send").disabled = false;
  }
}

byId("shipping-form").addEventListener("submit", onSend);
dialog.addEventListener("close", () => {
  for (const field of FIELDS) byId(`shipping-${field}`).value = "";
});
