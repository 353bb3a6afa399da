// What the screen says, in the language that was chosen. The kiosk brings the texts of all of them along, so that
// choosing one waits for no answer; staff's and the owner's pages bring those of one.

const languages = JSON.parse(document.getElementById("texts").textContent);
const { prefix, exponent } = document.body.dataset;
const decimals = Number(exponent);
const listeners = [];
let now = languages[0];

export const language = () => now.tag;
export const onLanguage = (listener) => listeners.push(listener);

// Names and amounts keep their own direction inside of a sentence that runs the other way.
const isolated = (value) => (now.dir === "rtl" ? `\u2068${value}\u2069` : value);

export function text(key, values = {}) {
  return now.texts[key].replace(/{(\w+)}/g, (_, name) => isolated(values[name]));
}

export const hasText = (key) => key in now.texts;

// Of so many things, or of one: core/office_texts.is_one.
export function counted(key, count, values = {}) {
  const isOne = count === 1 || (count === 0 && now.tag.split("-")[0] === "fr");
  return text(isOne ? `${key}_one` : key, { count, ...values });
}

// Dates and times as the language writes them, in the reader's own region if it is that of the browser, and in the
// digits in which amounts are written.
export function locale() {
  const own = navigator.languages.find((tag) => tag.split("-")[0] === now.tag.split("-")[0]);
  return `${own ?? now.tag}-u-nu-latn`;
}

// In English the box's own words are shown: they say more than one text for each code can.
export const isEnglish = () => now.tag.split("-")[0] === "en";

export function explain({ code, message }) {
  if (!code || isEnglish()) return message;
  return now.texts[`refused_${code}`] || now.texts.refused || message;
}

export function money(minor) {
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const number = decimals ? `${whole}${now.texts.decimal_mark}${digits.slice(-decimals)}` : whole;
  const amount = now.texts.money.startsWith("{number}") ? `${number}\u00a0${prefix.trim()}` : `${prefix}${number}`;
  return isolated(minor < 0 ? `-${amount}` : amount);
}

// What the event calls a thing in this language; without a name in it, as everywhere.
export const named = (own, names = {}) => names[now.tag] ?? names[now.tag.split("-")[0]] ?? own;

// Words that are not the event's own are read out in the language of the screen.
export function markNamed(node, names = {}) {
  if (named("", names)) node.querySelector(".name").lang = now.tag;
}

// Say each text of a part of the page anew; templates are said when they are filled.
export function localise(node) {
  for (const one of node.querySelectorAll("[data-t]")) one.textContent = text(one.dataset.t);
  for (const one of node.querySelectorAll("[data-ta]")) {
    const [attribute, key] = one.dataset.ta.split(":");
    one.setAttribute(attribute, text(key));
  }
}

export function chooseLanguage(tag) {
  const found = languages.find((one) => one.tag === tag) || languages[0];
  if (found === now) return;
  now = found;
  Object.assign(document.documentElement, { lang: now.tag, dir: now.dir });
  localise(document);
  for (const listener of listeners) listener();
}

export const firstLanguage = () => chooseLanguage(languages[0].tag);
