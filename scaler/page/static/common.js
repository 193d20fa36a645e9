// What both views share. Nothing from the cluster is ever parsed as HTML: text is set as text.

const TOKEN = "podtailor-token"; // kept for this tab alone

/** An element with a class and children; strings become text. */
export function el(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** What a path answers; null where a token is needed first (a form asks for it). */
export async function ask(path, again) {
  const token = sessionStorage.getItem(TOKEN);
  let answer;
  try {
    answer = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  } catch {
    return say("The scaler does not answer. Does the port-forward still run?");
  }
  if (answer.status === 401) return askForToken(Boolean(token), again);
  const body = await answer.json().catch(() => ({ error: `The answer was ${answer.status}, and no JSON.` }));
  if (!answer.ok) return say(body.error);
  say("");
  return body;
}

function say(text) {
  const note = byId("note");
  if (note.textContent !== text) note.textContent = text;
  note.hidden = !text;
  return null;
}

function askForToken(refused, again) {
  if (byId("token-form")) return null;
  const input = el("input");
  Object.assign(input, { type: "password", id: "token", autocomplete: "off", required: true });
  const label = el("label", "", refused ? "That token is not accepted. Another one " : "Token ", input);
  const how = el("p", "hint", "For example of: kubectl create token SERVICEACCOUNT. You see the namespaces in which it may list podsizes.");
  const form = el("form", "note", label, " ", el("button", "", "Look"), how);
  form.id = "token-form";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, input.value.trim());
    form.remove();
    again();
  });
  byId("note").after(form);
  input.focus();
  return null;
}

/** Millicores as cores, as kubectl writes them. */
export function cpu(value) {
  if (value === null || value === undefined) return "none";
  return value % 1000 === 0 ? String(value / 1000) : `${Math.round(value)}m`;
}

const UNITS = [["Gi", 2 ** 30], ["Mi", 2 ** 20], ["Ki", 2 ** 10]];

/** Bytes in the largest unit that leaves at least one. */
export function memory(value) {
  if (value === null || value === undefined) return "none";
  const [unit, size] = UNITS.find(([, s]) => value >= s) || ["", 1];
  const amount = value / size;
  return `${amount >= 100 || Number.isInteger(amount) ? Math.round(amount) : amount.toFixed(1)}${unit}`;
}

export const AMOUNT = { cpu, memory };

/** Used / limit (request, where there is no limit); -1: not known. */
export function share(bar) {
  if (!bar) return -1;
  const [used, request, limit] = bar;
  const base = limit ?? request;
  return base ? used / base : -1;
}

/** A small chart: used of the limit, with a mark at the request, and the same as text. */
export function chart(bar, resource) {
  if (!bar) return [el("span", "unknown", "no usage yet")];
  const text = AMOUNT[resource], [used, request, limit] = bar;
  const whole = Math.max(used, request || 0, limit || 0) || 1;
  const drawn = el("span", share(bar) >= 0.9 ? "bar hot" : "bar");
  drawn.style.setProperty("--used", `${(100 * used) / whole}%`);
  drawn.style.setProperty("--request", request ? `${(100 * request) / whole}%` : "-9px");
  const of = limit ? ` of ${text(limit)}` : request ? `, requested ${text(request)}` : ", nothing set";
  const figures = el("span", "figures", `${text(used)}${of}`);
  if (limit && request && request !== limit) figures.title = `requested ${text(request)}`;
  return [drawn, figures];
}

/** A link to a reason's text. */
export function reason(code) {
  if (!code) return document.createTextNode("");
  const link = el("a", "", code);
  link.href = `/reasons#${code.toLowerCase()}`;
  return link;
}

/** `2026-11-23T20:35:06Z` as `20:35:06`, with its day where that is not today. */
export function time(text) {
  if (!text) return "";
  const today = new Date().toISOString().slice(0, 10);
  const [day, clock] = text.replace("Z", "").split("T");
  return day === today ? clock : `${day} ${clock}`;
}

/** Calls it now, and every few seconds while somebody looks. */
export function repeat(load, seconds) {
  load();
  setInterval(() => document.hidden || load(), seconds * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || load());
}
