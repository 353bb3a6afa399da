// The staff's page: its views, and what of them is read anew whenever the box says that something changed.

import { byId, counted, fill, money, read, ready, redraw, text, watch } from "./box.js";
import { showScanners } from "./calibration.js";
import { showDoor, startDoor } from "./door.js";
import { Follower } from "./follow.js";
import { showJournal, startJournal } from "./journal.js";
import { showLights } from "./lights.js";
import { showDevices, showPrints } from "./paper.js";
import { inTurn } from "./parts.js";
import { showParcels } from "./parcels.js";
import { followPayment, openPayment } from "./pay.js";
import { showPending, showPendingCount } from "./pending.js";
import { showBattery, showPower } from "./power.js";
import { showSales } from "./sales.js";
import { showShift } from "./shift.js";
import { showSms } from "./sms.js";
import { showStock } from "./stock.js";
import { showTablets, startTablets } from "./tablets.js";
import { addTicket, scanned, showTiles, startTill } from "./till.js";
import { onView, startViews, tally } from "./views.js";
import { showWindow } from "./window.js";

const follower = new Follower(scanned);
let state = null;
let shown = "";

function showOrders(orders) {
  byId("no-orders").hidden = orders.length > 0;
  tally("orders", orders.length, text("tally_orders"));
  redraw("open-orders", orders.map((order) => {
    const what = order.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ");
    const row = fill("order-row", { code: order.code, what, due: money(order.due_minor) });
    const pick = row.querySelector("button");
    pick.dataset.key = order.id;
    pick.addEventListener("click", () => openPayment(order));
    return row;
  }));
}

const refresh = inTurn(async () => {
  const paths = ["/orders?status=open", "/prints", "/offers", "/sales"];
  const [{ orders }, { prints }, { offers }, { sales }] = await Promise.all([...paths.map(read), showDoor(), showLights()]);
  showOrders(orders);
  showPrints(prints, refreshAfter);
  showTiles(offers);
  showSales(sales);
  if (state?.counts.payments_pending) await showPending(refreshAfter);
  else showPendingCount(0);
  await followPayment();
});

// After an act that went well: if the box is gone just then, the next state has all of this read anew.
const refreshAfter = () => refresh().catch(() => {});

async function onState(now) {
  state = now;
  const { sales, takings_minor: takings } = now.counts; // takings are not for everybody's eyes
  byId("takings").textContent = [counted("sales_count", sales), takings === undefined ? "" : money(takings)].filter(Boolean).join(" · ");
  showWindow(now.window);
  showBattery(now);
  showDevices(now.devices);
  showScanners(now);
  showShift(now.shift);
  await follower.see(now);
  await Promise.all([showBooks(now), ...[showSms, showStock, showParcels, showTablets, showJournal].map((show) => show(now))]);
}

async function showBooks(now) {
  const books = `${now.seq} ${JSON.stringify(now.counts)} ${now.window?.id} ${now.window?.state} ${now.price_rules} ${JSON.stringify(now.lights)}`;
  if (books === shown) return;
  await refresh();
  shown = books;
}

startDoor((unpaid) => { location.hash = "till"; addTicket(unpaid); });
startTill(refreshAfter);
// Whoever locks the page leaves nothing to the next.
document.querySelector(".lock").form.addEventListener("submit", () => sessionStorage.clear());
startTablets();
startJournal();
onView("devices", showPower);
startViews("till");
watch(onState);
ready();
