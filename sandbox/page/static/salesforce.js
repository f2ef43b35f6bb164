// The Salesforce side: a list of accounts, and one account whose health a person changes.

import { clockTime, moment, now } from "./clock.js";
import { busyWhile, h, keyed, oneAtATime } from "./dom.js";
import { get, post } from "./api.js";
import { lastPoll } from "./calls.js";
import { healthClass, isTheirs, setAccounts } from "./sidebar.js";
import { emit, me, state } from "./store.js";
import { complain, toast } from "./toast.js";

let accounts = [];
let open = null; // the account shown, by id
let chosen = null; // the health picked and not yet saved
let parts = null;
const filter = { text: "", which: "all" };

export function buildSalesforce(panel) {
  const search = h("input", {
    type: "search",
    class: "field",
    placeholder: "Find an account, owner or region",
    "aria-label": "Find an account",
    oninput: (event) => {
      filter.text = event.target.value;
      drawList();
    },
  });
  const which = ["all", "red", "mine"].map((name) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        "aria-pressed": String(name === "all"),
        "data-which": name,
        onclick: () => {
          filter.which = name;
          drawList();
        },
      },
      { all: "All", red: "Red", mine: "Mine" }[name],
    ),
  );
  const poll = h("p", { class: "poll", "data-test": "poll" });
  const list = h("div", { class: "accounts", role: "list" });
  const one = h("div", { class: "account", hidden: true, "data-test": "account" });
  const index = h(
    "div",
    { class: "accounts-index" },
    h("div", { class: "row" }, search, h("div", { class: "pills" }, which)),
    list,
  );
  panel.append(poll, index, one);
  parts = { list, one, index, poll, which };
  setInterval(drawPoll, 250);
}

const rank = { Red: 0, Yellow: 1, Green: 2 };
const money = (value) =>
  value === null || value === undefined ? "not known" : `$${Math.round(value).toLocaleString("en-US")}`;
const shortMoney = (value) =>
  value === null || value === undefined
    ? ""
    : value >= 1e6
      ? `$${(value / 1e6).toFixed(1)}M`
      : `$${Math.round(value / 1000)}k`;
const known = (value, unit = "") =>
  value === null || value === undefined || value === "" ? "not known" : `${value}${unit}`;
const onDay = (iso) =>
  iso
    ? new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" }).format(
        new Date(`${iso.slice(0, 10)}T00:00:00Z`),
      )
    : "not known";

export const refreshSalesforce = oneAtATime(async () => {
  const answer = await get("/sandbox/salesforce/accounts");
  accounts = answer.accounts ?? [];
  if (answer.polls?.last_at) lastPoll.note(answer.polls.last_at);
  setAccounts(accounts, answer.users ?? []);
  drawList();
  drawOne();
  drawPoll();
});

export function drawPoll() {
  if (!parts || state.tab !== "salesforce") return;
  const at = lastPoll.at;
  const connected = state.bot.connections > 0 || state.process.running;
  let text;
  if (!connected) text = "Touchpoint is not running: nobody is looking.";
  else if (!at) text = "Touchpoint has not looked here yet.";
  else {
    const left = Math.ceil((at.getTime() + state.pollSeconds * 1000 - now()) / 1000);
    text =
      left > 0
        ? `Touchpoint looks here again in ${left} s`
        : left > -3
          ? "Touchpoint is looking now"
          : `Touchpoint last looked at ${clockTime(at)}`;
  }
  if (parts.poll.textContent !== text) parts.poll.textContent = text;
}

function shown() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return accounts
    .filter((one) => filter.which === "all" || (filter.which === "red" ? one.health === "Red" : isTheirs(one, me())))
    .filter((one) =>
      words.every((word) =>
        [one.name, one.owner, one.ce, one.region, one.health].join(" ").toLowerCase().includes(word),
      ),
    )
    .sort((a, b) => (rank[a.health] ?? 3) - (rank[b.health] ?? 3) || a.name.localeCompare(b.name));
}

function drawList() {
  for (const pill of parts.which) pill.setAttribute("aria-pressed", String(pill.dataset.which === filter.which));
  parts.list.querySelector(".quiet")?.remove();
  const rows = shown();
  keyed(parts.list, rows, {
    key: (one) => one.id,
    print: (one) => JSON.stringify([one.name, one.health, one.owner, one.ce, one.arr, one.renewal_on, one.region]),
    draw: (one) =>
      h(
        "button",
        {
          type: "button",
          class: "account-row",
          role: "listitem",
          "data-account": one.id,
          "data-focus": one.id,
          onclick: () => show(one.id),
        },
        h("span", { class: healthClass(one.health) }),
        h(
          "span",
          { class: "account-name" },
          h("b", {}, one.name),
          h(
            "small",
            {},
            [one.region, one.ce ? `CE ${one.ce}` : "", one.owner ? `AE ${one.owner}` : ""].filter(Boolean).join(" · "),
          ),
        ),
        h(
          "span",
          { class: "account-figures" },
          h("b", {}, shortMoney(one.arr)),
          h("small", {}, one.health ?? "health not known"),
        ),
      ),
  });
  if (!rows.length)
    parts.list.append(
      h("p", { class: "quiet" }, accounts.length ? "No account matches." : "This org has no accounts yet."),
    );
}

export function show(id) {
  const found = accounts.find((one) => one.id === id || one.id.slice(0, 15) === String(id).slice(0, 15));
  open = found?.id ?? id;
  chosen = null;
  drawOne();
}

export const close = () => {
  open = null;
  drawOne();
};

function drawOne() {
  const one = accounts.find((account) => account.id === open);
  parts.index.hidden = Boolean(open);
  parts.one.hidden = !open;
  if (!open) return;
  const focused = parts.one.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const print = JSON.stringify([one, chosen, state.me]);
  if (parts.one.print === print) return;
  parts.one.print = print;
  const back = h(
    "button",
    {
      type: "button",
      class: "link",
      "data-focus": "back",
      onclick: () => {
        const id = open;
        close();
        parts.list.querySelector(`[data-account="${id}"]`)?.focus();
      },
    },
    "All accounts",
  );
  if (!one)
    return parts.one.replaceChildren(
      back,
      h("p", { class: "quiet" }, "This account is not in Salesforce; it may have been deleted or merged."),
    );
  parts.one.replaceChildren(
    h("div", { class: "row" }, back),
    h(
      "div",
      { class: "account-title" },
      h("span", { class: healthClass(one.health) }),
      h("h2", {}, one.name),
      one.tier ? h("span", { class: "badge" }, one.tier) : null,
    ),
    healthForm(one),
    fields(one),
    tasks(one),
    history(one),
  );
  if (focused) parts.one.querySelector(`[data-focus="${focused}"]`)?.focus();
}

function healthForm(one) {
  const value = chosen ?? one.health ?? "";
  const select = h(
    "select",
    {
      class: "field",
      id: "health",
      "data-focus": "health",
      onchange: (event) => {
        chosen = event.target.value;
        drawOne();
      },
    },
    ["Green", "Yellow", "Red", ""].map((health) =>
      h("option", { value: health, selected: health === value }, health || "not set"),
    ),
  );
  const changed = chosen !== null && chosen !== (one.health ?? "");
  const save = h(
    "button",
    { type: "submit", class: "button primary-solid", "data-focus": "save", disabled: !changed },
    "Save",
  );
  const send = async (event) => {
    event.preventDefault();
    const wanted = chosen;
    try {
      await busyWhile(
        save,
        post("/sandbox/salesforce/set_health", { as: me()?.email, id: one.id, health: wanted || null }),
      );
      chosen = null;
      toast({ text: `Saved in Salesforce: ${one.name} is ${wanted ? wanted : "without a health"}.`, seconds: 4 });
    } catch (error) {
      complain(error);
    }
    emit("salesforce");
  };
  const who = me()?.real_name ?? "nobody";
  return h(
    "form",
    { class: "health-form", onsubmit: send },
    h("label", { for: "health" }, "Customer Health"),
    h("div", { class: "row" }, select, save),
    h(
      "small",
      {},
      changed
        ? `Not saved yet. It will be saved as ${who}.`
        : `Last modified by ${one.modified_by ?? "nobody"}${one.modified_at ? `, ${moment(new Date(one.modified_at))}` : ""}.`,
    ),
  );
}

function fields(one) {
  const usage =
    one.usage_change === null || one.usage_change === undefined
      ? ""
      : `, ${one.usage_change > 0 ? "up" : "down"} ${Math.abs(one.usage_change)} %`;
  const rows = [
    ["Account owner (AE)", known(one.owner)],
    ["Customer engineer", known(one.ce)],
    ["Region", known(one.region)],
    ["ARR", money(one.arr)],
    ["Renewal date", onDay(one.renewal_on)],
    ["Seats", known(one.seats)],
    ["Weekly users", `${known(one.weekly_users)}${usage}`],
    ["Health score", known(one.health_score)],
    ["Last activity", onDay(one.last_activity_on)],
    ...(one.health_reason ? [["Health reason", one.health_reason]] : []),
  ];
  return h(
    "dl",
    { class: "fields" },
    rows.map(([name, value]) => [
      h("dt", {}, name),
      h("dd", { class: value.startsWith("not known") ? "unknown-value" : null }, value),
    ]),
  );
}

function tasks(one) {
  const rows = one.tasks ?? [];
  const press = (task, status) => async (event) => {
    try {
      const body = { as: me()?.email, id: task.id, fields: { Status: status } };
      await busyWhile(event.currentTarget, post("/sandbox/salesforce/update_task", body));
    } catch (error) {
      complain(error);
    }
    emit("salesforce");
  };
  const line = (task) => {
    const [label, status] = task.is_closed ? ["Reopen", "Not Started"] : ["Complete", "Completed"];
    const button = { type: "button", class: "link", "data-focus": task.id, onclick: press(task, status) };
    return h(
      "li",
      { title: task.description },
      h("span", {}, `${task.is_closed ? "☑" : "☐"} ${task.subject}`),
      h("small", {}, [task.status, task.owner, task.due_on ? onDay(task.due_on) : null].filter(Boolean).join(", "), " "),
      h("button", button, label),
    );
  };
  return h(
    "section",
    { class: "history" },
    h("h3", {}, "Tasks"),
    rows.length ? h("ul", {}, rows.map(line)) : h("p", { class: "quiet" }, "No Task yet."),
  );
}

function history(one) {
  const rows = one.history ?? [];
  const line = (entry) =>
    h(
      "li",
      {},
      h("span", {}, `${entry.from ?? "not set"} → ${entry.to ?? "not set"}`),
      h("small", {}, `${entry.by}, ${moment(new Date(entry.at))}`),
    );
  return h(
    "section",
    { class: "history" },
    h("h3", {}, "Account history: Customer Health"),
    rows.length
      ? h("ul", {}, [...rows].sort((a, b) => b.at.localeCompare(a.at)).map(line))
      : h("p", { class: "quiet" }, "No change yet."),
  );
}
