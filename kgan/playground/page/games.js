// Games of several methods that train while one watches. The page asks for each picture: when it
// is closed or stopped, nothing runs on.

import { ask, element } from "./ask.js";
import { drawCurves, drawPlane } from "./plane.js";

const by = (id) => document.getElementById(id);
const USUAL = ["gan", "mdgan"];
let methods = {}, running = null, scene = null, curves = [];

export function begin(known) {
  methods = known;
  by("dataset").append(...Object.keys(known).map((name) => element("option", {}, name)));
  by("dataset").addEventListener("change", offer);
  by("match").addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  by("stop").addEventListener("click", () => end("Stopped"));
  offer();
}

function offer() {
  const checked = chosen();
  const boxes = Object.entries(methods[by("dataset").value]).map(([name, title]) => {
    const on = (checked.length ? checked : USUAL).includes(name);
    return element("label", { className: "check" },
      element("input", { type: "checkbox", value: name, checked: on }), title);
  });
  by("methods").replaceChildren(...boxes);
}

const chosen = () =>
  [...by("methods").querySelectorAll("input:checked")].map((input) => input.value);

async function start() {
  const mine = (running = {});
  by("start").disabled = true;
  by("stop").disabled = false;
  by("state").textContent = "Building the games: some seconds.";
  const begun = await ask("start", {
    methods: chosen(), dataset: by("dataset").value, seed: by("match-seed").valueAsNumber,
  });
  if (running !== mine) return;
  if (!begun) return end("Nothing is running");
  by("told").replaceChildren();
  curves = begun.titles.map(() => []);
  scene = begun;
  boards(begun);
  while (running === mine && !scene.over) {
    const now = await ask("advance", { match: begun.match, steps: Number(by("pace").value) });
    if (!now) return running === mine && end("Ended");
    if (running !== mine) return;
    scene = { ...begun, ...now };
    for (const line of now.told) tell(line);
    redraw();
    by("state").textContent = `Training: step ${step()}.`;
    await new Promise(requestAnimationFrame);
  }
  if (running === mine) end("Done");
}

function end(word) {
  running = null;
  by("start").disabled = false;
  by("stop").disabled = true;
  by("state").textContent = scene ? `${word} at step ${step()}.` : `${word}.`;
}

const step = () => Math.max(...scene.games.map((game) => game.step)).toLocaleString("en");

function tell(line) {
  const item = element("li", { className: / lost mode/.test(line) ? "lost" : "" }, line);
  by("told").prepend(item);
  while (by("told").children.length > 200) by("told").lastChild.remove();
}

function boards({ titles }) {
  by("boards").classList.toggle("few", titles.length < 3);
  by("boards").replaceChildren(...titles.map((title) =>
    element("figure", { className: "panel" },
      element("figcaption", {}, title, element("span", { className: "note covered" })),
      element("canvas", { role: "img" }),
      element("p", { className: "note" }))));
  by("methods-legend").replaceChildren(...titles.map((title, i) => {
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = `var(--series-${i})`;
    return element("li", {}, swatch, title);
  }));
  by("below").hidden = false;
  redraw();
}

export function redraw() {
  if (!scene || by("games").hidden) return;
  const total = scene.modes.length;
  [...by("boards").children].forEach((board, i) => {
    const game = scene.games[i], canvas = board.querySelector("canvas");
    const outside = drawPlane(canvas, {
      frame: scene.frame, real: scene.real, modes: scene.modes, points: game.points,
      covered: game.modes, size: 1.8,
    });
    const covered = `${game.covered} of ${total}`;
    canvas.setAttribute("aria-label", `${scene.titles[i]}: ${covered} modes covered`);
    board.querySelector(".covered").textContent = covered;
    board.querySelector("p").textContent = game.ended ||
      `${Math.round(100 * game.quality)}% of its samples are near a mode` +
      (outside ? `; ${outside} outside` : "");
    const curve = curves[i];
    if (!curve.length || curve.at(-1)[0] < game.step) curve.push([game.step, game.covered]);
  });
  drawCurves(by("curves"), curves, total);
}
