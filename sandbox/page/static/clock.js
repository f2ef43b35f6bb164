// The sandbox's time, and how moments read in the acting person's time zone.

import { me } from "./store.js";

let offset = 0; // milliseconds between this browser's clock and the sandbox's

export function setNow(iso) {
  offset = Date.parse(iso) - Date.now();
}
export const now = () => new Date(Date.now() + offset);
export const zone = () => me()?.tz || "UTC";

const kept = new Map();
function parts(date, options, timeZone = zone()) {
  const key = timeZone + JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Intl.DateTimeFormat("en-GB", { timeZone, ...options }));
  return Object.fromEntries(
    kept
      .get(key)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
}

const full = (date, timeZone) =>
  parts(
    date,
    {
      weekday: "long",
      day: "numeric",
      month: "long",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    },
    timeZone,
  );
const numeric = (date, timeZone) => parts(date, { year: "numeric", month: "2-digit", day: "2-digit" }, timeZone);

// "New York" of America/New_York: whose clock a time was read from.
export const placeOf = (timeZone) => (timeZone ?? "UTC").split("/").pop().replace(/_/g, " ");
export const fromTs = (ts) => new Date(Number(ts) * 1000);
export const clockTime = (date, timeZone) => {
  const p = full(date, timeZone);
  return `${p.hour}:${p.minute}`;
};
export const clockSeconds = (date, timeZone) => {
  const p = full(date, timeZone);
  return `${p.hour}:${p.minute}:${p.second}`;
};
export const dayKey = (date, timeZone) => {
  const p = numeric(date, timeZone);
  return `${p.year}-${p.month}-${p.day}`;
};

// "Thu 20 Jan", with the year when it is another one: the form that messages.md uses.
export function shortDay(date, timeZone) {
  const p = full(date, timeZone);
  const year = p.year === full(now(), timeZone).year ? "" : ` ${p.year}`;
  return `${p.weekday.slice(0, 3)} ${p.day} ${p.month.slice(0, 3)}${year}`;
}
export const moment = (date, timeZone) => `${shortDay(date, timeZone)}, ${clockTime(date, timeZone)}`;

function relativeDay(date) {
  const days = Math.round((Date.parse(dayKey(date)) - Date.parse(dayKey(now()))) / 86400000);
  return { 0: "today", [-1]: "yesterday", 1: "tomorrow" }[days] ?? null;
}

export function dayDivider(date) {
  const near = relativeDay(date);
  if (near === "today" || near === "yesterday") return near[0].toUpperCase() + near.slice(1);
  const p = full(date);
  const year = p.year === full(now()).year ? "" : ` ${p.year}`;
  return `${p.weekday}, ${p.day} ${p.month}${year}`;
}

export function ago(date) {
  const seconds = Math.round((now() - date) / 1000);
  if (seconds < 0) return "just now";
  const [size, unit] = [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ].find(([n]) => seconds >= n) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
export function slackDate(seconds, format) {
  const date = new Date(seconds * 1000);
  const p = full(date);
  const n = numeric(date);
  const ordinal = (day) =>
    `${day}${["th", "st", "nd", "rd"][day % 100 > 10 && day % 100 < 14 ? 0 : Math.min(day % 10, 4) % 4]}`;
  const year = p.year === full(now()).year ? "" : `, ${p.year}`;
  const near = relativeDay(date);
  const forms = {
    date_num: `${n.year}-${n.month}-${n.day}`,
    date_slash: `${n.month}/${n.day}/${n.year}`,
    date: `${p.month} ${ordinal(Number(p.day))}${year}`,
    date_short: `${p.month.slice(0, 3)} ${p.day}${year || `, ${p.year}`}`,
    date_long: `${p.weekday}, ${p.month} ${ordinal(Number(p.day))}${year}`,
    time: `${p.hour}:${p.minute}`,
    time_secs: `${p.hour}:${p.minute}:${p.second}`,
    ago: ago(date),
  };
  forms.date_pretty = near ?? forms.date;
  forms.date_short_pretty = near ?? forms.date_short;
  forms.date_long_pretty = near ?? forms.date_long;
  forms.day_divider_pretty = dayDivider(date);
  return format.replace(/\{(\w+)\}/g, (whole, name) => forms[name] ?? whole);
}

// The moment at which the clocks of a time zone show this day ("2027-02-04") and time ("09:30"), in seconds since 1970.
export function secondsAt(day, time, timeZone = zone()) {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  const shownAt = (at) => Date.parse(`${dayKey(new Date(at), timeZone)}T${clockTime(new Date(at), timeZone)}:00Z`);
  let at = wanted;
  // Twice, because the first step may cross a change of the clocks.
  for (let round = 0; round < 2; round++) at += wanted - shownAt(at);
  return at / 1000;
}
