// What is scanned at the box lands on the tablet that stands at that scanner: see GET /api/v1/landed.

import { read } from "./box.js";
import { language } from "./i18n.js";

const LOOK_MS = 1000;
const UNPAIRED_LOOK_MS = 15_000; // staff may give this tablet a scanner at any time

// `onScan(scan)` is called once for each.
export function watchScanner(onScan) {
  let seen = null; // null before the first look: what was scanned before this page was open is not acted upon

  async function look() {
    let nextMs = document.hidden ? UNPAIRED_LOOK_MS : LOOK_MS;
    if (!document.hidden) {
      try {
        const { scanner, scans } = await read(`/landed?language=${encodeURIComponent(language())}`);
        if (scanner) take(scans);
        else nextMs = UNPAIRED_LOOK_MS;
        document.body.dataset.scanner = scanner ?? "";
      } catch {
        // no answer: the banner says so, and the next look is soon
      }
    }
    setTimeout(look, nextMs);
  }

  function take(scans) {
    const news = scans.filter(({ seq }) => seen !== null && seq > seen);
    seen = Math.max(seen ?? 0, ...scans.map(({ seq }) => seq));
    for (const scan of news) onScan(scan);
  }

  look();
}
