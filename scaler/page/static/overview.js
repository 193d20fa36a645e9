// The overview: all workloads, searched, filtered and sorted here; the first screen at once.

import { ask, byId, chart, cpu, el, memory, reason, repeat, share, time } from "./common.js";

const GONE = "Gone";
const PHASES = ["Blocked", "RolledBack", "Applying", "Observing", "Settled", "", "Gone"];
const FIRST = 40, NEXT = 120; // rows drawn at once, and in each later frame
const FIELDS = ["search", "namespace", "reason", "sort"];

let all = [], drawing = 0;
const drawn = new Map(); // a workload's row, as long as it says the same

const compared = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const ORDERS = {
  state: (a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase),
  name: () => 0,
  reason: (a, b) => compared(a.reason, b.reason),
  cpu: (a, b) => share(b.cpu) - share(a.cpu),
  memory: (a, b) => share(b.memory) - share(a.memory),
  waste: (a, b) => (b.wasteCpu ?? -1) - (a.wasteCpu ?? -1) || (b.wasteMemory ?? -1) - (a.wasteMemory ?? -1),
  restarts: (a, b) => b.restarts - a.restarts,
};

async function load() {
  const found = await ask("/api/overview", load);
  if (!found) return;
  all = found.rows.map((row) => Object.fromEntries(found.columns.map((name, i) => [name, row[i]])));
  for (const one of all) one.text = `${one.namespace}/${one.name} ${one.kind} ${one.reason} ${one.message}`.toLowerCase();
  byId("at").textContent = `as of ${time(found.at)}`;
  options("namespace");
  options("reason");
  summarize();
  draw();
}

function options(field) {
  const select = byId(field), chosen = select.value || new URLSearchParams(location.search).get(field) || "";
  const names = [...new Set([...all.map((one) => one[field]), chosen])].filter(Boolean).sort();
  select.replaceChildren(new Option("all", ""), ...names.map((name) => new Option(name, name)));
  select.value = chosen;
}

function summarize() {
  const counts = PHASES.map((phase) => [all.filter((one) => one.phase === phase).length, phase || "not yet looked at"]);
  const parts = counts.filter(([n]) => n).map(([n, phase]) => `${n} ${phase}`);
  const restarts = all.reduce((sum, one) => sum + one.restarts, 0);
  byId("summary").textContent = all.length
    ? `${all.length} workload${all.length === 1 ? "" : "s"}: ${parts.join(", ")}. Pods replaced today: ${restarts}.`
    : "No workload is enrolled yet. To begin with one: kubectl annotate deployment/NAME podtailor.io/mode=observe";
}

function chosen() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const namespace = byId("namespace").value, code = byId("reason").value;
  const found = all.filter((one) =>
    (!namespace || one.namespace === namespace) && (!code || one.reason === code) && words.every((w) => one.text.includes(w)));
  const order = ORDERS[byId("sort").value];
  return found.sort((a, b) => order(a, b) || compared(a.namespace, b.namespace) || compared(a.name, b.name));
}

function draw() {
  const found = chosen(), rows = byId("rows"), mine = ++drawing;
  const focused = document.activeElement?.closest?.("#rows a")?.pathname;
  rows.replaceChildren(...found.slice(0, FIRST).map(row), ...nobody(found));
  const more = (from) => requestAnimationFrame(() => {
    if (mine !== drawing) return;
    rows.append(...found.slice(from, from + NEXT).map(row));
    if (from + NEXT < found.length) more(from + NEXT);
    else focus(focused);
  });
  if (found.length > FIRST) more(FIRST);
  else focus(focused);
  byId("count").textContent = found.length === all.length ? "" : `${found.length} of ${all.length} shown`;
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.toggleAttribute("data-sorted", head.dataset.sort === byId("sort").value);
  }
}

/** Why there is no row, where there are workloads. */
function nobody(found) {
  if (found.length || !all.length) return [];
  const only = el("td", "unknown", "No workload is like this. Fewer words, or another namespace or reason, show more.");
  only.colSpan = 6;
  return [el("tr", "", only)];
}

function focus(path) {
  if (path) [...byId("rows").querySelectorAll("a")].find((a) => a.pathname === path)?.focus();
}

function row(one) {
  const key = `${one.namespace}/${one.kind}/${one.name}`, says = JSON.stringify(one);
  const before = drawn.get(key);
  if (before?.says === says) return before.made;
  const link = el("a", "name", one.name);
  link.href = `/workload/${[one.namespace, one.kind, one.name].map(encodeURIComponent).join("/")}`;
  const made = el("tr", one.phase.toLowerCase(),
    el("th", "", link, el("small", "", `${one.namespace} · ${one.kind}${one.pods ? ` · ${one.current}/${one.pods} pods` : ""}`)),
    el("td", "state", el("span", "phase", one.phase || "…"), " ", reason(one.reason), el("small", "", one.message), ...lastChange(one)),
    ...(one.phase === GONE ? [el("td"), el("td"), el("td"), el("td")] : figures(one)));
  made.firstChild.scope = "row";
  drawn.set(key, { says, made });
  return made;
}

function figures(one) {
  return [
    el("td", "chart", el("span", "label", "CPU"), ...chart(one.cpu, "cpu")),
    el("td", "chart", el("span", "label", "Memory"), ...chart(one.memory, "memory")),
    el("td", "number", el("span", "label", "Waste"), waste(one)),
    el("td", "number", el("span", "label", "Restarts today"), String(one.restarts)),
  ];
}

/** The last thing that was done to it, under what is said of it. */
function lastChange(one) {
  if (!one.changed) return [];
  const [at] = one.changed.split(" ", 1), what = one.changed.slice(at.length + 1);
  return [el("small", "changed", `Last change, ${time(at)}: ${what}`)];
}

function waste(one) {
  if (one.wasteCpu === null && one.wasteMemory === null) return "";
  const parts = [one.wasteCpu === null ? "" : cpu(one.wasteCpu), one.wasteMemory === null ? "" : memory(one.wasteMemory)];
  return parts.filter(Boolean).join(", ");
}

function changed() {
  const query = new URLSearchParams(FIELDS.map((f) => [f, byId(f).value]).filter(([f, v]) => v && (f !== "sort" || v !== "state")));
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  draw();
}

const asked = new URLSearchParams(location.search);
byId("search").value = asked.get("search") || "";
if (ORDERS[asked.get("sort")]) byId("sort").value = asked.get("sort");
for (const head of document.querySelectorAll("th[data-sort]")) {
  const button = el("button", "", head.textContent);
  button.type = "button";
  button.addEventListener("click", () => {
    byId("sort").value = head.dataset.sort;
    changed();
  });
  head.replaceChildren(button);
}
byId("filters").addEventListener("input", changed);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || /INPUT|SELECT/.test(event.target.tagName)) return;
  event.preventDefault();
  byId("search").focus();
});
repeat(load, 15);
