// What the box calls its devices and papers, and what devices complain of, in the language of the page. In English, and
// where there is no other word, the box's own.

import { hasText, isEnglish, text } from "./i18n.js";

const keyOf = (words) => words.toLowerCase().replace(/[^a-z]+/g, "_").replace(/^_|_$/g, "");
const inWords = (key, own, values = {}) => (!isEnglish() && hasText(key) ? text(key, values) : own);

// `scanner.door` is the scanner of that name.
export function deviceName(device) {
  const [kind, name] = device.split(".");
  return inWords(`called_${kind}`, device, { name });
}

// `sale 17`, `Z report 3` and `order 1F00B` end in what they are of.
export function paperName(subject) {
  const [, what, name] = /^(.*?)(?: (\S*\d\S*|[0-9A-F]{5}))?$/.exec(subject);
  return inWords(`paper_${keyOf(what)}`, subject, { name });
}

export const complaint = (sentence) => inWords(`says_${keyOf(sentence ?? "")}`, sentence);
