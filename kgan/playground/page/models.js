// A trained model: its samples, and what lies between, near and behind them.

import { ask, element } from "./ask.js";
import { clicked, drawPlane, range } from "./plane.js";

const by = (id) => document.getElementById(id);
let facts = null, draw = null, drawn = "", over = {}, asked = 0, pending = null;

const images = () => facts.kind === "images";
const name = () => by("model").value;

export async function begin(models) {
  by("model").append(...models.map((one) => element("option", { value: one.name }, one.name)));
  by("model").addEventListener("change", open);
  for (const id of ["count", "seed", "generator", "weights", "view"]) {
    by(id).addEventListener("change", sample);
  }
  by("another").addEventListener("click", () => {
    by("seed").value = by("seed").valueAsNumber + 1;
    sample();
  });
  by("download").addEventListener("click", download);
  by("picture").addEventListener("click", picture);
  by("plane").addEventListener("click", (event) => {
    if (draw) choose(clicked(by("plane"), event, facts.frame, draw.samples));
  });
  tool("nearest-tool", () => choose(by("number").valueAsNumber));
  tool("between-tool", between);
  tool("invert-tool", () => (images() ? null : invert({ point: [by("x"), by("y")].map((i) => i.valueAsNumber) })));
  for (const id of ["along", "across"]) by(id).addEventListener("input", move);
  by("image").addEventListener("change", upload);
  by("drawing").addEventListener("submit", (event) => event.preventDefault());
  await open();
}

const tool = (id, act) => by(id).addEventListener("submit", (event) => {
  event.preventDefault();
  act();
});

async function open() {
  const found = await ask("open", { model: name() });
  if (!found) return;
  facts = found;
  draw = null;
  const mixture = facts.generators > 1;
  const generators = mixture ? `, ${facts.generators} generators` : "";
  by("about").textContent =
    `${facts.about}${generators}, ${facts.latents}; samples of shape (${facts.shape.join(", ")})`;
  by("count").max = facts.most;
  by("count").value = images() ? 36 : 1000;
  for (const field of document.querySelectorAll(".mixture")) field.hidden = !mixture;
  const numbers = mixture ? [...Array(facts.generators).keys()] : [];
  by("generator").replaceChildren(
    element("option", { value: "" }, "all, by weight"),
    ...numbers.map((k) => element("option", { value: k }, k)));
  by("weights").value = (facts.weights || []).map((one) => +one.toFixed(3)).join(", ");
  by("weights").defaultValue = by("weights").value;
  by("view").checked = false;
  by("numbers").value = by("numbers").defaultValue;
  by("plane").hidden = images();
  by("sheet").hidden = !images();
  by("invert-tool").hidden = !facts.inverts;
  by("point-fields").hidden = images();
  by("image-fields").hidden = !images();
  by("picture").hidden = images();
  await sample();
}

// What a draw is made of: the same for all questions about it.
function terms() {
  const found = { model: name(), count: by("count").valueAsNumber, seed: by("seed").valueAsNumber };
  if (facts.generators === 1) return found;
  if (by("generator").value) found.generator = Number(by("generator").value);
  else if (by("weights").value !== by("weights").defaultValue) {
    found.weights = by("weights").value.split(",").map((text) => (text.trim() ? Number(text) : NaN));
  }
  return found;
}

const sample = () => (pending = drawAnew());

async function drawAnew() {
  const mine = ++asked;
  by("weights").disabled = Boolean(by("generator").value);
  const of = terms();
  const found = await ask("sample", { ...of, view: by("view").checked });
  if (!found || mine !== asked) return;
  draw = found;
  if (drawn !== JSON.stringify(of)) forget();
  drawn = JSON.stringify(of);
  by("embedding-tool").hidden = !draw.embedding;
  if (images()) sheet();
  legend();
  redraw();
}

// An answer about the samples that are shown; null where others have come meanwhile.
async function askOfDraw(question, more) {
  await pending;
  const of = drawn;
  const found = await ask(question, { ...terms(), ...more });
  return of === drawn ? found : null;
}

// Tools tell of a draw: another one has other samples.
function forget() {
  over = {};
  for (const id of ["nearest", "between", "inverted"]) by(id).replaceChildren();
  for (const id of ["along", "across"]) Object.assign(by(id), { disabled: true, value: 0 });
}

export function redraw() {
  if (!draw || by("models").hidden) return;
  by("what").textContent = images() ? "Samples" : "Samples over real data";
  if (images()) {
    if (draw.embedding) drawEmbedding();
    return;
  }
  const colours = draw.made_by && draw.made_by.map((k) => facts.colours[k]);
  const outside = drawPlane(by("plane"), { ...facts, ...over, points: draw.samples, plane: draw.plane, colours });
  by("beside").textContent = outside ? `${outside} outside` : "";
}

function drawEmbedding() {
  const all = draw.embedding, [xs, ys] = [0, 1].map((axis) => all.map((at) => at[axis]));
  const half = 1.15 * Math.max(...[...xs, ...ys].map(Math.abs), 1e-6);
  const marks = over.number === undefined ? [] : [{ at: all[over.number], name: String(over.number) }];
  drawPlane(by("embedding"), { frame: [-half, -half, half, half], points: all, size: 4, marks });
}

function sheet() {
  by("sheet").replaceChildren(...draw.samples.map((source, i) => {
    const score = draw.values ? ` · ${short(draw.values[i])}` : "";
    const of = draw.made_by ? `, generator ${draw.made_by[i]}` : "";
    const tile = element("button", { type: "button", className: "tile", title: `Sample ${i}${of}` },
      element("img", { src: source, alt: `Sample ${i}` }), element("span", {}, `${i}${score}`));
    tile.addEventListener("click", () => choose(i));
    return tile;
  }));
  press();
  by("beside").textContent = draw.words ? `number · ${draw.words}` : "";
}

const press = () => [...by("sheet").children].forEach((tile, i) =>
  tile.setAttribute("aria-pressed", i === over.number));

const short = (value) => String(+value.toPrecision(3));

function legend() {
  const items = [];
  const add = (colour, text) => {
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = colour;
    items.push(element("li", {}, swatch, text));
  };
  if (!images()) {
    if (facts.real.length) add("var(--real)", "real data");
    if (draw.made_by) facts.colours.forEach((colour, k) => add(colour, `generator ${k}`));
    else add("var(--accent)", "samples");
    if (draw.plane) {
      const [low, high] = range(draw.plane.flat());
      const scale = element("span", { className: "scale" });
      scale.style.background =
        "linear-gradient(to right, var(--panel), color-mix(in srgb, var(--series-5) 59%, var(--panel)))";
      items.push(element("li", {}, `${draw.words}: ${short(low)}`, scale, short(high)));
    }
  }
  by("legend").replaceChildren(...items);
}

// Nearest real data ---------------------------------------------------------------------------

async function choose(number) {
  by("number").value = number;
  const found = await askOfDraw("nearest", { number });
  if (!found) return;
  const score = draw.values ? `; ${draw.words}: ${short(draw.values[number])}` : "";
  const made = draw.made_by ? `, of generator ${draw.made_by[number]}` : "";
  const among = `of ${found.among.toLocaleString("en")} training examples`;
  const distances = found.distances.map(short);
  if (images()) {
    by("nearest").replaceChildren(
      element("p", { className: "note" }, `Sample ${number}${made}${score}. Nearest ${among}, by pixels:`),
      strip([found.sample, ...found.examples], ["sample", ...distances]));
    over = { ...kept(), number };
    press();
  } else {
    by("nearest").textContent = `Sample ${number}${made}, at (${found.sample.map(short).join(", ")})${score}. ` +
      `Nearest ${among}: ${distances.join(", ")} away.`;
    over = {
      ...kept(),
      marks: [...found.examples.map((at) => ({ at, hollow: true })), { at: found.sample, name: String(number) }],
    };
  }
  redraw();
}

const strip = (sources, captions) => element("div", { className: "strip" },
  ...sources.map((src, i) => element("div", {}, element("img", { src, alt: captions[i] }), captions[i])));

// Between -------------------------------------------------------------------------------------

// What the sliders move along, whatever else is shown meanwhile.
const kept = () => ({ rows: over.rows, corners: over.corners });

async function between() {
  const numbers = by("numbers").value.split(/[\s,]+/).filter(Boolean).map(Number);
  const found = await askOfDraw("between", { numbers });
  if (!found) return;
  over = { rows: found.rows, corners: numbers };
  by("along").disabled = false;
  by("across").disabled = found.rows.length === 1;
  by("along").value = by("across").value = 0;
  move();
}

function move() {
  if (!over.rows) return;
  const at = (list, id) => list[Math.round((by(id).value / 100) * (list.length - 1))];
  const here = at(at(over.rows, "across"), "along");
  if (images()) {
    by("between").replaceChildren(element("img", { className: "one", src: here, alt: "The sample at this place" }));
    return;
  }
  by("between").textContent = `Here: (${here.map(short).join(", ")})`;
  const way = over.rows.length === 1 ? { ways: over.rows } : { places: over.rows.flat() };
  const ends = over.corners.map((number, i) => {
    const row = over.rows.at(i < 2 ? 0 : -1);
    return { at: row.at(i % 2 ? -1 : 0), name: String(number), hollow: true };
  });
  over = { ...kept(), ...way, marks: [...ends, { at: here }] };
  redraw();
}

// Inverse -------------------------------------------------------------------------------------

async function invert(given) {
  const found = await ask("invert", { model: name(), ...given });
  if (!found) return;
  const latents = found.latents.slice(0, 8).map((one) => one.toFixed(2)).join(", ");
  const told = `Latents: ${latents}${found.latents.length > 8 ? ", ..." : ""}`;
  if (images()) {
    const pair = element("div", { className: "pair" },
      ...[["given", found.given], ["made of its latents", found.made]].map(([text, src]) =>
        element("div", {}, element("img", { src, alt: text }), text)));
    by("inverted").replaceChildren(pair, element("p", { className: "note" }, told));
    return;
  }
  by("inverted").textContent = `${told}. Made of them: (${found.made.map(short).join(", ")})`;
  over = { ...kept(), marks: [{ at: found.given, name: "given", hollow: true }, { at: found.made, name: "made" }], ways: [[found.given, found.made]] };
  redraw();
}

async function upload() {
  const [file] = by("image").files;
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  by("image").value = "";
  await invert({ image: btoa(text) });
}

// Files ---------------------------------------------------------------------------------------

async function download() {
  const found = await ask("download", terms());
  if (!found) return;
  const bytes = Uint8Array.from(atob(found.file), (letter) => letter.charCodeAt(0));
  save(new Blob([bytes]), found.name);
}

const picture = () => by("plane").toBlob((blob) => save(blob, `${name().replaceAll("/", "-")}.png`));

function save(blob, file) {
  const link = element("a", { href: URL.createObjectURL(blob), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
