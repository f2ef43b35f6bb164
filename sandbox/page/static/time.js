// Time & faults: the clock's buttons, what can be made to go wrong, and the bot's process.

import { buildArrivals } from "./arrivals.js";
import { clockSeconds, moment, now, placeOf, shortDay, zone } from "./clock.js";
import { busyWhile, fill, h, oneAtATime } from "./dom.js";
import { get, post, remove } from "./api.js";
import { confirmed } from "./menu.js";
import { emit, me, state } from "./store.js";
import { complain, toast } from "./toast.js";

let parts = null;
let offers = [];
let moving = false;
let moved = null; // {from, to} of the last move

const HOUR = 3600;
const SKIPS = [
  ["15 minutes", HOUR / 4],
  ["An hour", HOUR],
  ["A day", 24 * HOUR],
  ["A week", 7 * 24 * HOUR],
];
const OUTAGES = [
  ["Off for 4 hours", 4 * HOUR],
  ["Off for 3 days", 3 * 24 * HOUR],
];
const OFFICE = "America/New_York"; // where the server's own working morning begins
const SYSTEMS = { salesforce: "Salesforce", slack: "Slack", sheets: "Google Sheets" };

export function buildTime(panel) {
  const date = h("b", { class: "big-date", "data-test": "sandbox-date" });
  const note = h("p", { class: "quiet" });
  const button = (title, body) => {
    const node = h("button", { type: "button", class: "button", onclick: () => busyWhile(node, move(body)) }, title);
    return node;
  };
  const buttons = (...children) => h("div", { class: "buttons" }, children);
  const there = button("", () => ({ to: "next_morning", tz: zone() }));
  const skips = h(
    "div",
    { class: "skips" },
    buttons(SKIPS.map(([title, seconds]) => button(title, () => ({ skip_seconds: seconds })))),
    buttons(button("To the next working morning", () => ({ to: "next_morning" })), there),
  );
  const outage = buttons(OUTAGES.map(([title, seconds]) => button(title, () => ({ outage_seconds: seconds }))));
  const bar = h("div", { class: "bar moving-bar", hidden: true, "aria-hidden": "true" }, h("i"));
  const arrived = h("section", { class: "arrived", "aria-label": "What arrived" });
  buildArrivals(arrived);
  const faults = h("div", { class: "faults" });
  const process = h("div", { class: "process" });
  panel.append(
    h(
      "section",
      {},
      h("h2", {}, "Time"),
      date,
      note,
      bar,
      h("h3", {}, "Skip"),
      skips,
      h(
        "p",
        { class: "hint" },
        `A working morning is 9:00 in ${placeOf(OFFICE)}, Monday to Friday. `,
        "Skipping moves in small steps and waits until everything due has been done.",
      ),
      h("h3", {}, "An outage of Touchpoint"),
      outage,
      h("p", { class: "hint" }, "It stops the bot, jumps, and starts it again."),
    ),
    arrived,
    h("section", {}, h("h2", {}, "What can go wrong"), faults),
    h("section", {}, h("h2", {}, "The bot"), process),
  );
  parts = { date, note, bar, faults, process, skips, outage, there };
}

async function move(body) {
  try {
    await post("/sandbox/clock", body());
  } catch (error) {
    complain(error);
  }
  emit("clock");
}

export function setMoving(clock) {
  ({ moving, moved } = clock);
  if (!parts) return;
  for (const node of [parts.skips, parts.outage].flatMap((part) => [...part.querySelectorAll("button")]))
    node.disabled = moving;
  drawTime();
}

// How much of the move under way is done, 0 to 100.
function done() {
  const [from, to] = [Date.parse(moved.from), Date.parse(moved.to)];
  return Math.min(100, Math.max(0, (100 * (now() - from)) / Math.max(to - from, 1)));
}

export function drawTime() {
  if (!parts) return;
  const here = me();
  const text = `${shortDay(now())} ${new Intl.DateTimeFormat("en", { timeZone: zone(), year: "numeric" }).format(now())}, ${clockSeconds(now())}`;
  const shown = text.replace(/(\d{4}) \1/, "$1");
  if (parts.date.textContent !== shown) parts.date.textContent = shown;
  const way = moving && moved && moved.to !== moved.from;
  const until = way ? ` until ${moment(new Date(moved.to))}` : "";
  const where = here ? `in ${placeOf(here.tz)}, where ${here.real_name} is` : "UTC";
  const note = moving ? `Time is passing${until}…` : where;
  if (parts.note.textContent !== note) parts.note.textContent = note;
  parts.bar.hidden = !way;
  if (way) parts.bar.firstChild.style.width = `${done()}%`;
  parts.there.hidden = !here || here.tz === OFFICE;
  const morning = `To 9:00 in ${placeOf(zone())}`;
  if (parts.there.textContent !== morning) parts.there.textContent = morning;
}

export const refreshFaults = oneAtATime(async () => {
  const answer = await get("/sandbox/faults");
  offers = answer.offers;
  drawFaults(answer.on, answer.kinds);
  drawProcess();
});

const same = (offer, fault) =>
  offer.system === fault.system && offer.kind === fault.kind && (offer.call ?? "*") === fault.call;

function drawFaults(on, kinds) {
  const focus = parts.faults.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const rest = on.filter((fault) => !offers.some((offer) => same(offer, fault)));
  const row = (offer, fault, index) => {
    const { title, ...body } = offer;
    const input = h("input", {
      type: "checkbox",
      role: "switch",
      checked: Boolean(fault),
      "data-focus": `fault-${index}`,
      "data-fault": `${offer.system}/${offer.kind}`,
    });
    input.addEventListener("change", async () => {
      try {
        await (fault ? remove(`/sandbox/faults?id=${fault.id}`) : post("/sandbox/faults", body));
      } catch (error) {
        complain(error);
      }
      emit("faults");
    });
    return h("label", { class: "switch" }, input, h("span", {}, title));
  };
  const groups = Object.entries(SYSTEMS).map(([system, name]) => [
    h("h3", {}, name),
    offers.map((offer, index) =>
      offer.system === system
        ? row(
            offer,
            on.find((fault) => same(offer, fault)),
            index,
          )
        : null,
    ),
    rest
      .filter((fault) => fault.system === system)
      .map((fault) => row({ ...fault, title: `${kinds[fault.kind]} (${fault.call})` }, fault, `own-${fault.id}`)),
  ]);
  const none = on.length
    ? h(
        "button",
        {
          type: "button",
          class: "button",
          "data-focus": "all-off",
          onclick: () =>
            remove("/sandbox/faults")
              .catch(complain)
              .finally(() => emit("faults")),
        },
        "Switch all off",
      )
    : null;
  parts.faults.replaceChildren(...groups.flat(Infinity).filter(Boolean), ...(none ? [none] : []));
  if (focus) parts.faults.querySelector(`[data-focus="${focus}"]`)?.focus();
}

export function drawProcess() {
  if (!parts) return;
  const { running, pid } = state.process;
  const connections = state.bot.connections;
  const told =
    running === null
      ? connections
        ? `Connected to Slack, ${connections === 1 ? "one connection" : `${connections} connections`}. It runs elsewhere.`
        : "No bot is connected."
      : running
        ? `Running, process ${pid}${connections ? "" : ", not connected to Slack yet"}.`
        : "Stopped. What happens meanwhile waits for it.";
  const tell = (what, title, danger) => {
    const node = h(
      "button",
      {
        type: "button",
        class: danger ? "button danger" : "button",
        onclick: () =>
          busyWhile(
            node,
            post("/sandbox/bot", { do: what })
              .catch(complain)
              .finally(() => emit("bot")),
          ),
      },
      title,
    );
    return node;
  };
  const writes = Object.entries(state.writes ?? {})
    .map(([system, mode]) => `${SYSTEMS[system] ?? system} ${mode}`)
    .join(" · ");
  const again = h("button", { type: "button", class: "button danger", onclick: startOver }, "Start over…");
  const print = JSON.stringify([told, running, writes]);
  if (parts.process.print === print) return;
  parts.process.print = print;
  fill(
    parts.process,
    h("p", {}, told),
    writes ? h("p", { class: "hint" }, `Writes: ${writes}`) : "",
    h(
      "div",
      { class: "buttons" },
      running === true ? tell("kill", "kill -9 the bot", true) : null,
      running === false ? tell("start", "Start it") : null,
      again,
    ),
  );
}

async function startOver() {
  const yes = await confirmed({
    title: "Start over?",
    text: "Messages, accounts, the sheet, the clock and the faults are as on the first morning again.",
    confirm: "Start over",
    deny: "Cancel",
    danger: true,
  });
  if (!yes) return;
  toast({
    text: "Starting over. The invented fortnight is replayed first, which takes about half a minute.",
    seconds: 25,
  });
  await post("/sandbox/reset").catch(complain);
  emit("everything");
}
