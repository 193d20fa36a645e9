// One workload: what is said of it, its timeline with every change on it, its changes.

import { AMOUNT, ask, byId, chart, el, reason, repeat, time } from "./common.js";
import { timelines } from "./timeline.js";

const [, , namespace, kind, name] = location.pathname.split("/").map(decodeURIComponent);
const RANGES = [[1, "1 hour"], [6, "6 hours"], [24, "1 day"], [192, "8 days"]];

let hours = Number(new URLSearchParams(location.search).get("hours")) || 6;
let meanings = {}, drawn = "";

document.title = `podtailor: ${namespace}/${name}`;
byId("title").textContent = `${namespace}/${name}`;

async function load() {
  const path = [namespace, kind, name].map(encodeURIComponent).join("/");
  const found = await ask(`/api/workload/${path}?hours=${hours}`, load);
  if (found) show(found);
}

function show(found) {
  const { at, ...rest } = found;
  byId("at").textContent = `as of ${time(at)}`;
  if (found.note) {
    byId("note").textContent = found.note;
    byId("note").hidden = false;
  }
  const says = JSON.stringify(rest);
  if (says === drawn) return;
  drawn = says;
  showState(found);
  byId("changes").replaceChildren(...rows(found.changes.map((one) => change(one, found.series)), 5, "Nothing has been changed yet."));
  const checks = found.containers.flatMap((one) => one.checks.map((check) => [one.name, check.resource, reason(check.reason), check.message]));
  byId("checks").replaceChildren(...rows(checks, 4, "Nothing was decided in the last cycle."));
  explain(found.explained);
  timelines(byId("charts"), found, hours);
}

function explain(shown) {
  byId("explained").hidden = !shown;
  if (!shown) return;
  const { explained: found, to_act: toAct } = shown;
  byId("outcome").textContent = `${found.acts ? "It acts" : "It does not act"}: ${found.action}. For it to act: ${toAct}.`;
  byId("agents").hidden = !shown.agents.length;
  byId("agents").replaceChildren(...shown.agents.map((line) => el("li", "", line)));
  byId("asked").replaceChildren(...found.chains.map((chain) => {
    const lines = chain.checks.map((one) => el("li", one.decides ? "decides" : "unknown",
      one.purpose, " ", one.decides ? el("strong", "", one.answer) : one.answer ? `(${one.answer})` : "No."));
    return el("details", "", el("summary", "", `${chain.title}: `, el("strong", "", chain.checks.find((one) => one.decides)?.answer || "")), el("ol", "", ...lines));
  }));
}

function showState(found) {
  const state = byId("state");
  state.className = found.phase.toLowerCase();
  state.replaceChildren(el("span", "phase", found.phase || "not yet looked at"), " ", reason(found.reason), found.message ? ": " : "", el("strong", "", found.message));
  byId("meaning").textContent = meanings[found.reason] || "";
  const facts = [];
  if (found.blocked) facts.push(["In the way", `${found.blocked.message || found.blocked.reason}${since(found.blocked.since)}`]);
  else if (found.since) facts.push(["So since", time(found.since)]);
  if (found.pods) facts.push(["Pods with this size", `${found.current} of ${found.pods}`], ["Pods replaced today", String(found.restarts)]);
  const settings = Object.entries(found.settings).map(([key, value]) => `${key}: ${value}`);
  if (settings.length) facts.push(["Settings", settings.join(", ")]);
  for (const one of found.containers) {
    facts.push([one.name, el("span", "bars", "CPU ", ...chart(one.cpu, "cpu"), " memory ", ...chart(one.memory, "memory"))]);
    if (one.wish) facts.push([`${one.name}, if it were allowed`, wish(one.wish)]);
  }
  byId("facts").replaceChildren(...facts.flatMap(([term, what]) => [el("dt", "", term), el("dd", "", what)]));
}

const since = (when) => (when ? `, since ${time(when)}` : "");

function wish(size) {
  return Object.entries(size).map(([of, values]) => `${of} ${Object.entries(values).map(([r, v]) => `${r} ${v}`).join(", ")}`).join("; ");
}

function change(one, series) {
  const what = `${one.resource} ${one.from ?? "unset"} to ${one.to ?? "unset"}`;
  const because = el("span", "", [used(one, series), (meanings[one.reason] || "").split(/(?<=\.)\s/)[0]].filter(Boolean).join(". "));
  return [time(one.at), one.container, what, reason(one.reason), because];
}

/** What the container used in the minute before the change, where that is known. */
function used(one, series) {
  const own = series.find((s) => s.container === one.container), name = one.resource === "cpu" ? "cpu" : "memory", at = Date.parse(one.at) / 1000;
  const last = own ? own.at.findLastIndex((t, i) => t <= at + 1 && own[name][i] !== null) : -1;
  if (last < 0 || own.at[last] < at - 120) return "";
  const limit = own[`${name}Limit`][last], text = AMOUNT[one.resource];
  return `It used ${text(Math.round(own[name][last]))}${limit ? ` of ${text(limit)}` : ""}`;
}

function rows(lines, width, none) {
  if (lines.length) return lines.map((cells) => el("tr", "", ...cells.map((cell) => el("td", "", cell))));
  const only = el("td", "unknown", none);
  only.colSpan = width;
  return [el("tr", "", only)];
}

function choose(chosen) {
  hours = chosen;
  drawn = "";
  history.replaceState(null, "", hours === 6 ? location.pathname : `?hours=${hours}`);
  for (const button of byId("ranges").children) button.setAttribute("aria-pressed", String(button.value === String(hours)));
  load();
}

for (const [value, label] of RANGES) {
  const button = el("button", "", label);
  Object.assign(button, { type: "button", value: String(value) });
  button.setAttribute("aria-pressed", String(value === hours));
  button.addEventListener("click", () => choose(value));
  byId("ranges").append(button);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn = "";
  load();
});
fetch("/api/reasons").then((answer) => answer.json()).then((found) => {
  meanings = found;
  drawn = "";
}).finally(() => repeat(load, 10));
