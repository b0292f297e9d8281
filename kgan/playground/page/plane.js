// Drawing points, places and curves on a canvas, in the colours of the page.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A canvas at the screen's own resolution: its context, width and height in CSS pixels.
function prepared(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = colour("--panel");
  context.fillRect(0, 0, width, height);
  return { context, width, height };
}

const dots = (context, places, fill, size, alpha = 1) => {
  context.globalAlpha = alpha;
  context.fillStyle = fill;
  for (const [x, y] of places) {
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
};

const line = (context, places, stroke, width) => {
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.beginPath();
  places.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
};

// What a discriminator says of each place, from --panel (low) to --series-5 (high).
function ground(context, values, width, height) {
  const side = values.length, [low, high] = range(values.flat());
  const small = new OffscreenCanvas(side, side), inner = small.getContext("2d");
  const pixels = inner.createImageData(side, side);
  const [red, green, blue] = rgb(colour("--series-5"));
  values.flat().forEach((value, i) => {
    const part = Math.min(Math.max((value - low) / (high - low || 1), 0), 1);
    pixels.data.set([red, green, blue, Math.round(part * 150)], 4 * i);
  });
  inner.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, width, height);
}

// Low and high without the outermost hundredths: a critic's values have no bounds.
export function range(values) {
  const sorted = [...values].sort((a, b) => a - b), last = sorted.length - 1;
  return [sorted[Math.floor(0.01 * last)], sorted[Math.ceil(0.99 * last)]];
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// From the plane to the canvas: frame is left, bottom, right, top.
export const projection = ([left, bottom, right, top], width, height) => ([x, y]) =>
  [((x - left) / (right - left)) * width, ((top - y) / (top - bottom)) * height];

// scene: frame, points; besides real, modes [x, y, radius], covered (of each mode), plane (values
// by rows), colours (of each point), ways (lists of points), places (points), marks [{at, name}].
// Returns how many points lie outside.
export function drawPlane(canvas, scene) {
  const { context, width, height } = prepared(canvas);
  const to = projection(scene.frame, width, height);
  const unit = width / (scene.frame[2] - scene.frame[0]);
  const size = scene.size ?? Math.max(1.3, Math.min(3, 70 / Math.sqrt(scene.points.length)));
  if (scene.plane) ground(context, scene.plane, width, height);
  dots(context, (scene.real || []).map(to), colour("--real"), Math.min(size, 1.8), 0.35);
  const places = scene.points.map(to);
  if (scene.colours) places.forEach((at, i) => dots(context, [at], scene.colours[i], size, 0.75));
  else dots(context, places, colour("--accent"), size, 0.65);
  (scene.modes || []).forEach(([x, y, radius], i) => {
    const missed = scene.covered && !scene.covered[i];
    context.strokeStyle = colour(missed ? "--stray" : "--muted");
    context.lineWidth = missed ? 2.5 : 0.8;
    context.beginPath();
    context.arc(...to([x, y]), Math.max(radius * unit, 5), 0, 2 * Math.PI);
    context.stroke();
  });
  dots(context, (scene.places || []).map(to), colour("--series-1"), 2.2, 0.8);
  for (const way of scene.ways || []) line(context, way.map(to), colour("--series-1"), 1.6);
  for (const { at, name, hollow } of scene.marks || []) mark(context, to(at), name, hollow);
  const inside = ([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height;
  return places.filter((at) => !inside(at)).length;
}

function mark(context, [x, y], name, hollow) {
  context.lineWidth = 2.2;
  context.strokeStyle = colour("--ink");
  context.fillStyle = colour("--series-1");
  context.beginPath();
  context.arc(x, y, hollow ? 8 : 5.5, 0, 2 * Math.PI);
  if (!hollow) context.fill();
  context.stroke();
  if (!name) return;
  context.font = "600 13px " + colour("--font");
  context.lineWidth = 4;
  context.strokeStyle = colour("--panel");
  context.strokeText(name, x + 11, y - 9);
  context.fillStyle = colour("--ink");
  context.fillText(name, x + 11, y - 9);
}

// The number of the point nearest to where the canvas was clicked.
export function clicked(canvas, event, frame, points) {
  const box = canvas.getBoundingClientRect();
  const to = projection(frame, box.width, box.height);
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const distances = points.map(to).map(([a, b]) => Math.hypot(a - x, b - y));
  return distances.indexOf(Math.min(...distances));
}

// Several series [[step, value], ...] in the page's series colours; values from 0 to most.
export function drawCurves(canvas, series, most) {
  const { context, width, height } = prepared(canvas);
  const left = 30, right = 12, top = 10, bottom = 26;
  const last = Math.max(100, ...series.flat().map(([step]) => step));
  const at = ([step, value]) => [
    left + (step / last) * (width - left - right),
    height - bottom - (value / most) * (height - top - bottom),
  ];
  context.font = "12px " + colour("--font");
  context.fillStyle = colour("--muted");
  for (let value = 0; value <= most; value += Math.ceil(most / 5)) {
    line(context, [at([0, value]), at([last, value])], colour("--rule"), 1);
    context.textAlign = "right";
    context.fillText(value, left - 8, at([0, value])[1] + 4);
  }
  context.textAlign = "center";
  for (const step of [0, last / 2, last]) {
    context.textAlign = step === last ? "right" : step ? "center" : "left";
    context.fillText(Math.round(step).toLocaleString("en"), at([step, 0])[0], height - 6);
  }
  series.forEach((one, i) => line(context, one.map(at), colour("--series-" + i), 2.4));
}
