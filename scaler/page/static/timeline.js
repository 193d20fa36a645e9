// Two charts for each container (uPlot): usage, request and limit over time, changes as marks.

import { AMOUNT, el, time } from "./common.js";

const HEIGHT = 220;
const LINES = {
  cpu: [["used", "cpu", "used"], ["at most", "cpuMax", "peak"], ["request", "cpuRequest", "request"], ["limit", "cpuLimit", "limit"]],
  memory: [["used", "memory", "used"], ["request", "memoryRequest", "request"], ["limit", "memoryLimit", "limit"]],
};
const STEPPED = new Set(["request", "limit"]);

let charts = []; // of the view that is shown
let zoom = null; // what somebody has zoomed to; kept over a reload

/** Draws them again, in the place of those that are there. */
export function timelines(place, found, hours) {
  const active = document.activeElement?.dataset?.chart;
  for (const one of charts) one.destroy();
  charts = [];
  place.replaceChildren();
  const span = reach(found, hours);
  for (const series of found.series) {
    for (const resource of ["cpu", "memory"]) draw(place, found, series, resource, span);
  }
  place.querySelector(`[data-chart="${CSS.escape(active || "none")}"]`)?.focus();
}

/** From the first thing that is known, within the time that was asked for, to now. */
function reach(found, hours) {
  const now = Date.parse(found.at) / 1000, asked = now - hours * 3600;
  const times = [...found.series.map((s) => s.at[0]), ...found.changes.map((c) => Date.parse(c.at) / 1000)];
  const first = Math.min(now - 300, ...times.filter((t) => t >= asked));
  return { min: Math.max(asked, first - (now - first) * 0.05), max: now };
}

function draw(place, found, series, resource, span) {
  const changes = found.changes.filter((c) => c.container === series.container && c.resource === resource);
  const title = `${series.container}: ${resource === "cpu" ? "CPU" : "memory"}`;
  const box = el("figure", "timeline", el("figcaption", "", title));
  place.append(box);
  if (!series.at.length) {
    box.append(el("p", "unknown", "No usage is known of this time."));
    if (!changes.length) return;
  }
  box.tabIndex = 0;
  box.dataset.chart = title;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${title}. ${described(series, resource, changes)}`);
  const data = filled(series, resource, span, changes);
  const few = data[1].filter((value) => value !== null && value !== undefined).length <= FEW;
  const made = new uPlot(options(box, resource, changes, few, span), data, box);
  made.root.querySelector("canvas").setAttribute("aria-hidden", "true");
  charts.push(made);
  made.setScale("x", zoom || span);
  box.addEventListener("keydown", (event) => keys(event, made, span));
}

/**
 * The columns that a chart takes; a point at either end, so that there is always an axis, and one at each change.
 * Usage is only what was measured: undefined joins its neighbours, null does not. What was in force stays in force.
 */
export function filled(series, resource, span, changes) {
  const points = series.at.map((at, i) => ({ at, values: LINES[resource].map(([, name]) => series[name][i]) }));
  for (const one of changes) points.push({ at: Date.parse(one.at) / 1000, to: quantity(one.to, resource) });
  points.push({ at: span.min }, { at: span.max });
  points.sort((a, b) => a.at - b.at);
  const [request, limit] = [LINES[resource].length - 2, LINES[resource].length - 1];
  let force = [null, null];
  const rows = points.map(({ at, values, to }) => {
    if (values && (values[request] !== null || values[limit] !== null)) force = [values[request], values[limit]];
    // A change tells what usage is compared with; of the other one nothing is known until the next minute.
    if (to !== undefined) force = force[1] === null && force[0] !== null ? [to, null] : [null, to];
    return [at, ...(values || []).slice(0, request), ...Array(values ? 0 : request).fill(undefined), ...force];
  }).filter(([at]) => at >= span.min && at <= span.max);
  return Array.from({ length: limit + 2 }, (_, column) => rows.map((row) => row[column]));
}

const SUFFIX = { m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** Millicores or bytes of a quantity; null where there is none. */
function quantity(text, resource) {
  const [, number, suffix] = /^([\d.]+)(\D*)$/.exec(text ?? "") || [];
  return number ? Number(number) * (SUFFIX[suffix] ?? NaN) * (resource === "cpu" ? 1000 : 1) : null;
}

/** A line needs two points: few of them are drawn each by itself. */
const FEW = 60;

function options(box, resource, changes, few, span) {
  const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const text = AMOUNT[resource], axis = { stroke: colour("ink"), grid: { stroke: colour("line") }, ticks: { stroke: colour("line") } };
  const lines = LINES[resource].map(([label, , kind]) => ({
    label,
    stroke: colour(kind),
    width: kind === "used" ? 2 : 1.5,
    dash: kind === "request" ? [6, 4] : kind === "peak" ? [2, 3] : undefined,
    paths: STEPPED.has(kind) ? uPlot.paths.stepped({ align: 1 }) : undefined,
    points: { show: kind === "used" && few },
    value: (_, value) => (value === null || value === undefined ? "–" : text(value)),
  }));
  return {
    width: box.clientWidth || 600,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { range: (_, __, most) => [0, (most || 1) * (changes.length ? 1.25 : 1.1)] } }, // room for marks
    axes: [{ ...axis, values: clock, space: 72 }, { ...axis, size: 64, values: (_, ticks) => ticks.map((t) => (t === 0 ? "0" : text(t))), ...steps(resource) }],
    series: [{ label: "time", value: (_, at) => (at ? new Date(at * 1000).toISOString().slice(11, 19) : "–") }, ...lines],
    hooks: {
      draw: [(chart) => marks(chart, changes, colour("mark"), colour("paper"))],
      setScale: [(chart, key) => key === "x" && together(chart, span)],
    },
    cursor: { sync: { key: "podtailor" } },
  };
}

/** Times of day (UTC), with the date where there is another one. */
function clock(_, ticks, __, ___, step) {
  let day = "";
  return ticks.map((at) => {
    const [date, time] = new Date(at * 1000).toISOString().split("T");
    const shown = step >= 86400 ? date.slice(5) : time.slice(0, step < 60 ? 8 : 5);
    const label = date === day || step >= 86400 ? shown : `${shown}\n${date}`;
    day = date;
    return label;
  });
}

/** Memory is counted in powers of two. */
function steps(resource) {
  return resource === "memory" ? { incrs: Array.from({ length: 40 }, (_, i) => 2 ** i) } : {};
}

/** All charts show the same time. */
function together(chart, span) {
  const { min, max } = chart.scales.x;
  const same = (a, b) => a && Math.abs(a.min - b.min) < 1e-3 && Math.abs(a.max - b.max) < 1e-3;
  if (min === null || same(zoom, { min, max })) return;
  zoom = same(span, { min, max }) ? null : { min, max };
  for (const other of charts) {
    if (other !== chart && !same(other.scales.x, { min, max })) other.setScale("x", { min, max });
  }
}

/** A dashed line at each change, with its reason and its new value. */
function marks(chart, changes, stroke, paper) {
  const { ctx, bbox } = chart, ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.font = `${12 * ratio}px sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  let row = 0, before = -Infinity;
  for (const one of [...changes].reverse()) {
    const at = chart.valToPos(Date.parse(one.at) / 1000, "x", true);
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    const label = `${one.reason} to ${one.to ?? "unset"}`, width = ctx.measureText(label).width;
    row = at - before < width + 8 * ratio ? (row + 1) % 5 : 0;
    before = at;
    ctx.strokeStyle = ctx.fillStyle = stroke;
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    const left = Math.min(at + 4 * ratio, bbox.left + bbox.width - width), top = bbox.top + (4 + 15 * row) * ratio;
    ctx.fillStyle = paper;
    ctx.fillRect(left - 2 * ratio, top, width + 4 * ratio, 15 * ratio);
    ctx.fillStyle = stroke;
    ctx.fillText(label, left, top + 12 * ratio);
  }
  ctx.restore();
}

function keys(event, chart, span) {
  const { min, max } = chart.scales.x, width = max - min;
  const to = {
    "+": [min + width / 4, max - width / 4],
    "=": [min + width / 4, max - width / 4],
    "-": [min - width / 2, max + width / 2],
    ArrowLeft: [min - width / 4, max - width / 4],
    ArrowRight: [min + width / 4, max + width / 4],
    0: [span.min, span.max],
  }[event.key];
  if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const shown = Math.min(span.max - span.min, Math.max(30, to[1] - to[0]));
  const from = Math.min(Math.max(span.min, to[0]), span.max - shown);
  chart.setScale("x", { min: from, max: from + shown });
}

/** The same as text, for those who do not see the chart. */
function described(series, resource, changes) {
  const text = AMOUNT[resource], last = (name) => text(series[name].findLast((v) => v !== null && v !== undefined));
  const [, , request, limit] = resource === "cpu" ? [0, 0, "cpuRequest", "cpuLimit"] : [0, 0, "memoryRequest", "memoryLimit"];
  const now = series.at.length ? `Now ${last(resource)} used, ${last(request)} requested, limit ${last(limit)}. ` : "";
  return now + changes.map((c) => `${time(c.at)} ${c.reason}: ${c.from ?? "unset"} to ${c.to ?? "unset"}.`).join(" ");
}

addEventListener("resize", () => {
  for (const one of charts) one.setSize({ width: one.root.parentElement.clientWidth, height: HEIGHT });
});
