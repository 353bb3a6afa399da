// A tablet that waits to be accepted: once it is, it goes on to what it is for.

import { byId, read } from "./box.js";

const ASK_MS = 2000;

async function ask() {
  const { tablet } = await read("/tablet").catch(() => ({ tablet: null }));
  if (tablet) location.replace(tablet.role === "kiosk" ? "/" : "/staff");
  else setTimeout(ask, ASK_MS);
}

if (byId("code")) ask();
