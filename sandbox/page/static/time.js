// Time & faults: the clock's buttons, what can be made to go wrong, and the bot's process.

import { clockSeconds, now, shortDay, zone } from "./clock.js";
import { busyWhile, fill, h, oneAtATime } from "./dom.js";
import { get, post, remove } from "./api.js";
import { confirmed } from "./menu.js";
import { emit, me, state } from "./store.js";
import { complain, toast } from "./toast.js";

let parts = null;
let offers = [];
let moving = false;

const SKIPS = [
  ["+15 min", { skip_seconds: 900 }],
  ["+1 hour", { skip_seconds: 3600 }],
  ["Next morning, 9:00", { to: "next_morning" }],
  ["+1 day", { skip_seconds: 86400 }],
  ["+1 week", { skip_seconds: 604800 }],
];
const SYSTEMS = { salesforce: "Salesforce", slack: "Slack", sheets: "Google Sheets" };

export function buildTime(panel) {
  const date = h("b", { class: "big-date", "data-test": "sandbox-date" });
  const note = h("p", { class: "quiet" });
  const button = (title, body) => {
    const node = h("button", { type: "button", class: "button", onclick: () => busyWhile(node, move(body)) }, title);
    return node;
  };
  const skips = h(
    "div",
    { class: "buttons" },
    SKIPS.map(([title, body]) => button(title, body.to ? () => ({ ...body, tz: me()?.tz }) : () => body)),
  );
  const outage = h(
    "div",
    { class: "buttons" },
    button("Touchpoint is off for 3 days", () => ({ outage_seconds: 259200 })),
  );
  const faults = h("div", { class: "faults" });
  const process = h("div", { class: "process" });
  panel.append(
    h(
      "section",
      {},
      h("h2", {}, "Time"),
      date,
      note,
      skips,
      h("p", { class: "hint" }, "Skipping moves in small steps and waits until everything due has been done."),
      outage,
      h("p", { class: "hint" }, "An outage stops the bot, jumps, and starts it again."),
    ),
    h("section", {}, h("h2", {}, "What can go wrong"), faults),
    h("section", {}, h("h2", {}, "The bot"), process),
  );
  parts = { date, note, faults, process, skips, outage };
}

async function move(body) {
  try {
    await post("/sandbox/clock", body());
  } catch (error) {
    complain(error);
  }
  emit("clock");
}

export function setMoving(on) {
  moving = on;
  if (parts) for (const node of [...parts.skips.children, ...parts.outage.children]) node.disabled = on;
}

export function drawTime() {
  if (!parts) return;
  const here = me();
  const text = `${shortDay(now())} ${new Intl.DateTimeFormat("en", { timeZone: zone(), year: "numeric" }).format(now())}, ${clockSeconds(now())}`;
  const shown = text.replace(/(\d{4}) \1/, "$1");
  if (parts.date.textContent !== shown) parts.date.textContent = shown;
  const note = moving ? "Time is passing…" : here ? `where ${here.real_name} is` : "UTC";
  if (parts.note.textContent !== note) parts.note.textContent = note;
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
