// The stall's lights: how they burn, and three buttons.

import { act, byId, read, say } from "./box.js";

const change = act();
const buttons = [...byId("lights-acts").querySelectorAll("button")];

function show({ present, on, saved, to }) {
  byId("lights-card").hidden = !present;
  const why = saved ? ": the battery is low" : to === "auto" ? ", by themselves" : "";
  byId("lights-now").textContent = `${on ? "On" : "Out"}${why}.`;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === to));
}

export async function showLights() {
  show(await read("/lights"));
}

for (const button of buttons) {
  button.addEventListener("click", async () => {
    say("lights-problem", "");
    try {
      show(await change("/lights", { to: button.value }));
    } catch (error) {
      say("lights-problem", error.message);
    }
  });
}
