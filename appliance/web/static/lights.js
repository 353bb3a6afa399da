// The stall's lights: how they burn, and three buttons.

import { act, byId, explain, read, say, text } from "./box.js";

const change = act();
const buttons = [...byId("lights-acts").querySelectorAll("button")];

function show({ present, on, saved, to }) {
  byId("lights-card").hidden = !present;
  const why = saved ? "_saved" : to === "auto" ? "_auto" : "";
  byId("lights-now").textContent = text(`lights_${why ? "" : "are_"}${on ? "on" : "out"}${why}`);
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
      say("lights-problem", explain(error));
    }
  });
}
