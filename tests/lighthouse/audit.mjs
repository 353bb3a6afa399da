// Reads {base, pins, pages} as JSON, has Lighthouse look at each page, prints one JSON line a page.

import { readFileSync } from "node:fs";
import { navigation, snapshot } from "lighthouse";
import puppeteer from "puppeteer-core";

const CATEGORIES = ["accessibility", "best-practices"];
const { base, pins, pages, chromium } = JSON.parse(readFileSync(0, "utf8"));
const config = { extends: "lighthouse:default", settings: { onlyCategories: CATEGORIES, disableStorageReset: true } };

async function signIn(page, path, pin) {
  await page.goto(base + path);
  await page.type("#pin", pin);
  await Promise.all([page.waitForNavigation(), page.click("main button")]);
}

// A state that no address leads to is looked at as it stands, which tries less: no console, no network.
async function tapped(page, path, taps) {
  await page.goto(base + path);
  for (const tap of taps) await page.locator(tap).click();
  return snapshot(page, { config });
}

// What weighs nothing is information; a score of 1 is right, null was not applicable.
function objections(lhr) {
  const weighty = new Set(CATEGORIES.flatMap((id) => lhr.categories[id].auditRefs.filter((ref) => ref.weight).map((ref) => ref.id)));
  return Object.values(lhr.audits)
    .filter((audit) => weighty.has(audit.id) && audit.score !== null && audit.score < 1)
    .map((audit) => {
      const where = (audit.details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.description ?? item.url ?? "");
      return `${audit.id}: ${audit.title} ${where.join(" ")}`;
    });
}

const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox"] });
for (const { name, path, pin, taps } of pages) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  if (pin) await signIn(page, path.split("#")[0], pins[pin]);
  const { lhr } = taps.length ? await tapped(page, path, taps) : await navigation(page, base + path, { config });
  const scores = Object.fromEntries(CATEGORIES.map((id) => [id, Math.round(100 * (lhr.categories[id].score ?? 0))]));
  const problem = lhr.runtimeError ? [`${lhr.runtimeError.code}: ${lhr.runtimeError.message}`] : [];
  console.log(JSON.stringify({ name, mode: lhr.gatherMode, scores, objections: [...problem, ...objections(lhr)] }));
  await context.close();
}
await browser.close();
