// How a guest wants the screen: its language, brightness, sound, size of letters, and the hand that taps.

import { byId } from "./box.js";
import { chooseLanguage, firstLanguage, language, onLanguage } from "./i18n.js";
import { soundIsOn, switchSound } from "./sound.js";
import { chooseTheme, theme } from "./theme.js";

const dialog = byId("comfort");
const root = document.documentElement;
const SWITCHES = {
  sound: { is: soundIsOn, set: switchSound },
  large: { is: () => root.dataset.size === "large", set: (on) => { root.dataset.size = on ? "large" : ""; } },
  left: { is: () => root.dataset.hand === "left", set: (on) => { root.dataset.hand = on ? "left" : ""; } },
};

function show() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  }
  for (const radio of dialog.querySelectorAll("[name=theme]")) radio.checked = radio.value === theme();
  for (const box of dialog.querySelectorAll("[data-switch]")) box.checked = SWITCHES[box.dataset.switch].is();
}

// The next guest begins as the tablet is; brightness and sound belong to the tablet.
export function resetComfort() {
  SWITCHES.large.set(false);
  SWITCHES.left.set(false);
  firstLanguage();
  show();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => chooseLanguage(button.dataset.language));
}
for (const radio of dialog.querySelectorAll("[name=theme]")) radio.addEventListener("change", () => chooseTheme(radio.value));
for (const box of dialog.querySelectorAll("[data-switch]")) {
  box.addEventListener("change", () => SWITCHES[box.dataset.switch].set(box.checked));
}
byId("open-comfort").addEventListener("click", () => { show(); dialog.showModal(); });
onLanguage(show);
show();
