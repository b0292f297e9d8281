// The two parts of the page, one of which is shown.

import { ask } from "./ask.js";
import * as games from "./games.js";
import * as models from "./models.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const one of tabs) {
    one.setAttribute("aria-selected", String(one === tab));
    document.getElementById(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
  (tab.id === "tab-games" ? games : models).redraw();
}
for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const other = tabs[1 - tabs.indexOf(document.activeElement)];
  other.focus();
  choose(other);
});

const there = await ask("models");
if (there) {
  games.begin(there.methods);
  await models.begin(there.models);
}
const redraw = () => [games, models].forEach((part) => part.redraw());
window.addEventListener("resize", redraw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
document.body.dataset.ready = "yes";
