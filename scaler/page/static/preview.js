// What would have changed where mode is observe: one workload after the other, as each is a replay.

import { ask, AMOUNT, byId, cpu, el, memory } from "./common.js";

const HEADS = ["Container", "Known", "Changes", "Restarts", "CPU request", "Memory request", "Throttled", "OOMs"];

let run = 0;

async function load() {
  const mine = ++run;
  const found = await ask("/api/preview", load);
  if (!found) return;
  options(found.workloads);
  const chosen = byId("namespace").value;
  const asked = found.workloads.filter(([namespace]) => !chosen || namespace === chosen);
  const known = [];
  byId("rows").replaceChildren();
  for (const path of asked) {
    summarize(known, asked.length);
    const one = await ask(`/api/preview/${path.map(encodeURIComponent).join("/")}`, load);
    if (mine !== run) return;
    if (!one) continue;
    known.push(one);
    byId("rows").append(...rows(one));
  }
  summarize(known, asked.length);
}

function options(workloads) {
  const select = byId("namespace"), chosen = select.value || new URLSearchParams(location.search).get("namespace") || "";
  const names = [...new Set([...workloads.map(([namespace]) => namespace), chosen])].filter(Boolean).sort();
  select.replaceChildren(new Option("all", ""), ...names.map((name) => new Option(name, name)));
  select.value = chosen;
}

function summarize(known, count) {
  if (!count) {
    byId("summary").textContent = "No workload is observed. To begin with one: kubectl annotate deployment/NAME podtailor.io/mode=observe";
    return;
  }
  const restarts = known.reduce((sum, one) => sum + one.restarts, 0);
  const parts = [`${known.length} of ${count} workload${count === 1 ? "" : "s"} replayed`, `restarts: ${restarts}`];
  parts.push(`CPU requested: ${difference(known, "cpuRequested", cpu)}`, `memory requested: ${difference(known, "memoryRequested", memory)}`);
  byId("summary").textContent = `${parts.join("; ")}.`;
}

function difference(known, field, text) {
  const sum = (of) => known.reduce((all, one) => all + one[field][of], 0);
  const more = sum("sized") - sum("asItIs");
  if (!more) return `as now, ${text(sum("asItIs"))}`;
  return `${text(Math.abs(more))} ${more > 0 ? "more" : "less"} than ${text(sum("asItIs"))}`;
}

function rows(one) {
  const link = el("a", "name", one.name);
  link.href = `/workload/${[one.namespace, one.kind, one.name].map(encodeURIComponent).join("/")}`;
  const head = () => el("th", "", link, el("small", "", `${one.namespace} · ${one.kind} · ${one.pods} pod${one.pods === 1 ? "" : "s"}`));
  const lines = one.containers.map((c, i) => [
    c.name, duration(c.minutes), String(c.sizes.length - 1), i ? "" : String(one.restarts), step(c, "cpu"), step(c, "memory"),
    `${Math.round(c.asItIs.throttled)} to ${Math.round(c.sized.throttled)} core-s`, `${c.asItIs.ooms} to ${c.sized.ooms}`,
  ]);
  lines.push(...one.withoutUsage.map((name) => [name, "no usage yet", "", "", "", "", "", ""]));
  return lines.map((cells, i) => {
    const first = i ? el("td", "") : head();
    if (!i) first.scope = "row";
    return el("tr", "", first, ...cells.map((cell, n) =>
      el("td", n === 2 || n === 3 ? "number" : "", el("span", "label", HEADS[n]), cell)));
  });
}

function step(container, resource) {
  const text = AMOUNT[resource], [first, last] = [container.sizes[0], container.sizes.at(-1)];
  const [a, b] = [first.requests[resource], last.requests[resource]];
  return a === b ? text(a) : `${text(a)} to ${text(b)}`;
}

function duration(minutes) {
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
  if (days) return `${days}d ${hours}h`;
  return hours ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}

byId("filters").addEventListener("input", () => {
  const chosen = byId("namespace").value;
  history.replaceState(null, "", chosen ? `?namespace=${encodeURIComponent(chosen)}` : location.pathname);
  load();
});
byId("filters").addEventListener("submit", (event) => event.preventDefault());
load();
