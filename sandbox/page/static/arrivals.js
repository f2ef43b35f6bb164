// What arrived: the bot's messages since the clock was last moved, by day, each at its reader's own time.

import { clockTime, dayKey, fromTs, moment, placeOf, shortDay } from "./clock.js";
import { arrowKeys, byId, fill, h, keyed, oneAtATime } from "./dom.js";
import { get } from "./api.js";
import { withEmoji } from "./emoji.js";
import { icon } from "./icons.js";
import { face } from "./people.js";
import { channel, emit, firstName, me, personName, state, user } from "./store.js";
import { pushLine } from "./text.js";
import { toast } from "./toast.js";

let parts = null;
let answer = { arrivals: [], left_out: 0, since: null, office: "UTC" };
let known = null; // the messages that were there at the last look; those that come later light up once
let person = ""; // whose arrivals are shown; "" for everybody's
const SPANS = [
  ["move", "Since the last move"],
  ["week", "The last 7 days"],
];

export function buildArrivals(section) {
  const span = h(
    "select",
    { class: "field small", "aria-label": "From when" },
    SPANS.map(([value, title]) => h("option", { value }, title)),
  );
  const who = h("select", { class: "field small", "aria-label": "For whom" });
  const count = h("p", { class: "hint", role: "status" });
  const list = h("div", { class: "arrivals", "data-test": "arrivals" });
  span.addEventListener("change", () => {
    known = null;
    emit("arrivals");
  });
  who.addEventListener("change", () => {
    person = who.value;
    known = null;
    draw();
    list.scrollTop = 0;
  });
  list.addEventListener("focusin", (event) => stop(event.target.closest(".arrival")));
  arrowKeys(list, ".arrival", { wrap: false });
  section.append(h("h2", {}, "What arrived"), h("div", { class: "arrivals-filters" }, span, who), count, list);
  parts = { span, who, count, list };
}

export const refreshArrivals = oneAtATime(async () => {
  answer = await get("/sandbox/arrivals", { since: parts.span.value });
  draw();
});

export const forgetArrivals = () => {
  known = null;
};

// The time zone that a message is told in: its reader's, or the main office's where it names nobody.
const zoneOf = (one) => addressee(one)?.tz ?? answer.office;
const addressee = (one) => one.to.find(({ user: id }) => id === person) ?? one.to[0];
const isFor = (one, id) => one.to.some((reader) => reader.user === id);

// "Priya", or "Priya Raman" where two people are called Priya.
function shortName(id) {
  const first = firstName(id);
  const alike = [...state.users.values()].filter((one) => one.kind !== "bot" && firstName(one.id) === first);
  return alike.length > 1 ? personName(id) : first;
}

const andNames = (ids) => ids.map(shortName).join(", ").replace(/, ([^,]*)$/, " and $1");

function whereTo(one) {
  if (!one.channel_name) return `to ${shortName(one.to[0].user)}`;
  const place = one.thread_ts
    ? `#${one.channel_name}, in the thread of ${one.thread || "a message that is gone"}`
    : `#${one.channel_name}`;
  return one.to.length ? `${place}, to ${andNames(one.to.map((reader) => reader.user))}` : place;
}

// Each message belongs to the day that its reader has. Within a day they stand as they came.
function days(shown) {
  const found = new Map();
  for (const one of shown) {
    const when = fromTs(one.ts);
    const key = dayKey(when, zoneOf(one));
    if (!found.has(key)) found.set(key, { key, title: shortDay(when, zoneOf(one)), messages: [] });
    found.get(key).messages.push(one);
  }
  return [...found.values()].sort((a, b) => a.key.localeCompare(b.key));
}

const counted = (number) => (number === 1 ? "1 message" : `${number} messages`);

function draw() {
  const all = answer.arrivals;
  drawPeople(all);
  const shown = person ? all.filter((one) => isFor(one, person)) : all;
  const since = answer.since ? `since ${moment(new Date(answer.since))}` : "";
  const older = answer.left_out ? `, and ${answer.left_out} older ones that are not listed` : "";
  const told = shown.length
    ? `${counted(shown.length)} ${since}${older}. Each time is its reader's own.`
    : `Nothing ${since}`;
  if (parts.count.textContent !== told) parts.count.textContent = told;
  const fresh = new Set(known ? all.filter((one) => !known.has(one.ts)).map((one) => one.ts) : []);
  known = new Set(all.map((one) => one.ts));
  const { list } = parts;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.hidden = !shown.length;
  keyed(list, days(shown), {
    key: (day) => day.key,
    print: (day) => day.title,
    draw: (day) =>
      h("div", { class: "arrivals-day", role: "group" }, h("h3", {}, h("span", {}, day.title), h("small")), h("ol")),
  });
  days(shown).forEach((day, index) => {
    const node = list.children[index];
    node.setAttribute("aria-label", `${day.title}, ${counted(day.messages.length)}`);
    node.querySelector("small").textContent = counted(day.messages.length);
    keyed(node.querySelector("ol"), day.messages, {
      key: (one) => one.ts,
      print: (one) => JSON.stringify([one, person, whereTo(one)]),
      draw: (one) => drawOne(one, fresh.has(one.ts)),
    });
  });
  if (!list.querySelector('.arrival[tabindex="0"]')) stop(list.querySelector(".arrival"));
  if (fresh.size && atEnd && !list.contains(document.activeElement)) list.scrollTop = list.scrollHeight;
}

// One stop for Tab; the arrow keys lead from there.
function stop(node) {
  if (!node) return;
  for (const other of parts.list.querySelectorAll('.arrival[tabindex="0"]')) other.tabIndex = -1;
  node.tabIndex = 0;
}

function drawPeople(all) {
  const ids = new Set(all.flatMap((one) => one.to.map((reader) => reader.user)));
  if (person) ids.add(person);
  const options = [...ids]
    .map((id) => [id, `${personName(id)} (${all.filter((one) => isFor(one, id)).length})`])
    .sort((a, b) => a[1].localeCompare(b[1]));
  const wanted = [["", `Everybody (${all.length})`], ...options];
  const print = JSON.stringify(wanted);
  if (parts.who.print === print) return;
  parts.who.print = print;
  fill(
    parts.who,
    wanted.map(([value, title]) => h("option", { value }, title)),
  );
  parts.who.value = person;
}

function drawOne(one, fresh) {
  const when = fromTs(one.ts);
  const zone = zoneOf(one);
  const time = clockTime(when, zone).replace(/^0/, "");
  const open = h(
    "button",
    { type: "button", class: fresh ? "arrival glow" : "arrival", tabindex: "-1", "data-focus": one.ts },
    one.channel_name ? h("span", { class: "arrival-place" }, icon("channel")) : face(one.to[0].user, "small"),
    h(
      "span",
      { class: "arrival-main" },
      h(
        "span",
        { class: "arrival-head" },
        h("time", { datetime: when.toISOString() }, h("b", {}, time), ` in ${placeOf(zone)}`),
        h("span", {}, whereTo(one)),
      ),
      h("span", { class: "arrival-text" }, withEmoji(pushLine(one.text) || "(a message without words)")),
    ),
  );
  open.addEventListener("click", () => goThere(one));
  return h("li", {}, open);
}

// The conversation as the one whom it reached sees it; a channel's message that names nobody, as whoever is in there.
function goThere(one) {
  const reader = user(addressee(one)?.user);
  const isHere = channel(one.channel)?.members.includes(state.me) && !me()?.deleted;
  const as = reader?.id ?? (isHere ? state.me : one.anybody);
  if (reader?.deleted) {
    toast({ text: `${reader.real_name}'s account is deactivated, so nobody can read along.` });
    return;
  }
  emit("goto", { as, channel: one.channel, thread: one.thread_ts, ts: one.ts });
  const [thread, desk] = ["thread", "desk"].map((id) => getComputedStyle(byId(id)).gridArea);
  if (one.thread_ts && thread === desk) document.activeElement.blur(); // it lies over this list and takes the focus
}
